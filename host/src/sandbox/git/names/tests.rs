//! What configurations name.

use std::collections::BTreeSet;

use super::*;
use crate::sandbox::git::config::entries;

const HOMES: Homes<'_> = Homes {
    own: None,
    of: |name| (name == "you").then(|| "/home/you".into()),
};

fn found(text: &str) -> Vec<String> {
    let own = Some(Path::new("/home/me"));
    let entries = entries(text.as_bytes()).into_iter();
    let named = entries.flat_map(|entry| named(&entry, Homes { own, ..HOMES }));
    named
        .flat_map(|named| match named {
            Named::Include(path) => vec![format!("include {}", path.display())],
            Named::WorkTree(path) => vec![format!("tree {}", path.display())],
            Named::Programs(path) => vec![format!("programs {}", path.display())],
            Named::Repository(path) => vec![format!("repository {}", path.display())],
            Named::Unknown(text) => vec![format!("unknown {text}")],
            Named::Command(command) => {
                // Others matter only where they are there.
                let held = command
                    .paths
                    .iter()
                    .filter(|(_, hold)| **hold == Hold::Always);
                held.map(|(path, _)| format!("runs {}", path.display()))
                    .collect()
            }
            Named::TooMuch => vec!["too much".into()],
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

#[test]
fn what_git_runs_or_reads_is_found() {
    for (text, expected) in [
        ("[core]\nhooksPath=.husky", "programs .husky"),
        ("[core]\nhooksPath=~/h", "programs /home/me/h"),
        ("[core]\nhooksPath=~you/h", "programs /home/you/h"),
        ("[core]\nhooksPath=~they/h", "unknown ~they/h"),
        ("[include]\npath=~they/h", "unknown ~they/h"),
        ("[gpg]\nprogram=~you//bin/x", "runs /home/you/bin/x"),
        ("[core]\nsshCommand=sh ~they/x", "unknown ~they/x"),
        ("[remote \"b\"]\nurl=~you/b", "repository /home/you/b"),
        ("[include]\npath=../x", "include ../x"),
        ("[includeIf \"gitdir:a\"]\npath=x", "include x"),
        ("[core]\nfsmonitor=./a/b c", "runs ./a/b"),
        ("[core]\nfsmonitor=sh -e tools/x", "runs tools/x"),
        ("[credential \"https://x\"]\nhelper=!/w/x get", "runs /w/x"),
        ("[alias]\nx=\"!f() { ./run; }; f\"", "runs ./run"),
        ("[filter \"f\"]\nclean=\"'./f' %f\"", "runs ./f"),
        ("[core]\nworktree=..", "tree .."),
        ("[maintenance]\nrepo=/w/n", "repository /w/n"),
        ("[scalar]\nrepo=~/n", "repository /home/me/n"),
        ("[gui]\nrecentrepo=n", "repository n"),
        ("[gc]\nrecentObjectsHook=./a/b", "runs ./a/b"),
        ("[remote \"b\"]\nurl=./b.git", "repository ./b.git"),
        ("[remote \"b\"]\npushurl=file:///w/b", "repository /w/b"),
        (
            "[remote \"b\"]\nurl=file://localhost/%77/b",
            "repository /w/b",
        ),
        ("[remote \"b\"]\nurl=ext::sh tools/x %S", "runs tools/x"),
        ("[submodule \"b\"]\nurl=ext::sh tools/x %S", "runs tools/x"),
        ("[url \"/w/m/\"]\ninsteadOf=gh:", "runs /w/m/"),
        ("[url \"file:///w/m\"]\npushInsteadOf", "runs /w/m"),
    ] {
        assert_eq!(found(text), [expected], "{text}");
    }
    assert_eq!(found("[filter \"f\"]\nclean=sed s/a/b/"), [""; 0]);
    assert_eq!(found("[remote \"b\"]\nurl=git@x:a/b"), [""; 0]);
    assert_eq!(found("[url \"git@x:\"]\ninsteadOf=gh:"), [""; 0]);
    assert_eq!(found("[alias]\nx=log a/b"), [""; 0]);
}

#[test]
fn commands_of_git_are_taken_apart() {
    for (text, expected) in [
        ("x=-c core.fsmonitor=./mon status", "runs ./mon"),
        ("x=-c core.hooksPath=hk commit", "runs hk"),
        ("x=-c 'alias.y=!sh t/y' y", "runs t/y"),
        ("x=-c alias.y='-c core.hooksPath=hk st' y", "runs hk"),
        ("x=-c include.path=/w/c status", "runs /w/c"),
        ("x=-c core.worktree=sub status", "runs sub"),
        ("x=rebase --exec ./mon --root", "runs ./mon"),
        ("x=rebase -x 'sh mon.sh' --root", "runs mon.sh"),
        ("x=submodule foreach 'sh t/each'", "runs t/each"),
        ("x=bisect run sh t/b", "runs t/b"),
        ("x=--exec-path=t foo", "runs t"),
        ("x=clone --template=t", "runs t"),
        ("x=push ./b.git main", "runs ./b.git"),
        ("x=push ext::t/x main", "runs t/x"),
        ("x=\"!git -c core.hooksPath=hk commit\"", "runs hk"),
        ("x=\"!git -c core.hooksPath=$PWD/hk commit\"", "runs hk"),
        ("x=!git -C sub -c core.hooksPath=hk commit", "runs sub"),
        ("x=!git -C sub status", "runs sub"),
        ("x=!cd sub && git status", "runs sub"),
        ("x=!cd a && cd b && git push ../x", "runs ../x"),
        ("x=!GIT_DIR=sub git status", "runs sub"),
        ("x=!GIT_EXEC_PATH=t git foo", "runs t"),
        ("x=!GIT_CONFIG_GLOBAL=c git status", "runs c"),
        (
            "x=!GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=hk git st",
            "runs hk",
        ),
        ("x=!GIT_SSH_COMMAND='sh t.sh' git fetch", "runs t.sh"),
    ] {
        let found = found(&format!("[alias]\n{text}"));
        let below = expected.replacen(' ', " ./", 1);
        let is_found = |named: &String| *named == expected || *named == below;
        assert!(found.iter().any(is_found), "{text}: {found:?}");
    }
    for text in [
        "x=log --graph -- ./src",
        "x=push -u origin HEAD",
        "x=commit -v --template .gitmessage",
        "x=!git log --oneline -- ./src/$1; git add a/b",
    ] {
        let found = found(&format!("[alias]\n{text}"));
        let found: Vec<_> = found.iter().filter(|text| !text.contains("src")).collect();
        assert_eq!(found, [""; 0], "{text}");
    }
}

#[test]
fn what_is_set_too_deep_is_too_much() {
    let quoted = |text: String| {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("-c \"alias.x={text}\" x")
    };
    let deep = (0..5).fold("status".to_owned(), |text, _| quoted(text));
    let entry = Entry::of("alias.x", &deep).expect("a key");
    assert!(named(&entry, HOMES).contains(&Named::TooMuch), "{deep}");
    let deep = "for-each-repo ".repeat(9000);
    let entry = Entry::of("alias.x", &deep).expect("a key");
    assert!(named(&entry, HOMES).len() < 9000);
}

#[test]
fn every_word_is_looked_at() {
    let [entry] = &entries(b"[my]\nkey = \"x ${TOP}/tools/y\"")[..] else {
        panic!("not one");
    };
    let [Named::Command(command)] = &named(entry, HOMES)[..] else {
        panic!("not one");
    };
    let paths = &command.paths;
    assert!(paths.values().all(|hold| *hold == Hold::File), "{paths:?}");
    assert!(paths.contains_key(Path::new("tools/y")), "{paths:?}");
    assert!(paths.contains_key(Path::new("x")), "{paths:?}");
}

#[test]
fn gitfiles_are_read_as_git_reads_them() {
    assert_eq!(gitfile(b"gitdir: ../x y\r\n"), Some("../x y".into()));
    assert_eq!(gitfile(b"gitdir:\n"), None);
    assert_eq!(gitfile(b"other"), None);
}

#[test]
fn dots_are_resolved() {
    assert_eq!(plain(Path::new("/a/./b/../../../c")), Path::new("/c"));
}
