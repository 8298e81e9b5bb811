//! What commands name.

use std::path::Path;

use super::super::config::Entry;
use super::super::names::plain;
use std::collections::BTreeSet;

use super::*;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a path, or a folder that it is in, stays as it is also where it is not there.
fn holds(found: &Pieces, path: &str) -> bool {
    let path = plain(Path::new(path));
    found.paths.iter().any(|(held, hold)| {
        *hold == Hold::Always && path.starts_with(plain(Path::new(&text(held))))
    })
}

/// What stays as it is where it is a folder.
fn folders(found: &Pieces) -> BTreeSet<String> {
    let folders = found.paths.iter().filter(|(_, hold)| **hold > Hold::File);
    folders
        .map(|(name, _)| plain(Path::new(&text(name))).display().to_string())
        .collect()
}

/// What stays as it is also where it is not there, and all else that is found.
fn held(found: &Pieces) -> Vec<String> {
    let always = found
        .paths
        .iter()
        .filter(|(_, hold)| **hold == Hold::Always);
    let mut held: Vec<_> = always.map(|(path, _)| text(path)).collect();
    held.extend(found.settings.iter().map(|entry| entry.key.clone()));
    held.extend(found.too_much.then(|| "too much".into()));
    held
}

#[test]
fn what_a_command_runs_is_found() {
    for (command, path) in [
        ("sh 'my tools/mon'", "my tools/mon"),
        ("sh \"my tools/c.sh\" %f", "my tools/c.sh"),
        ("my\\ tools/mon", "my tools/mon"),
        ("cd tools && ./mon", "tools/./mon"),
        ("T=tools; sh $T/mon", "tools/mon"),
        ("X=1 tools/mon", "tools/mon"),
        ("test -d . && tools/mon", "tools/mon"),
        ("env -S sh tools/mon", "tools/mon"),
        ("timeout 5 tools/mon", "tools/mon"),
        ("$PWD/tools/mon", "tools/mon"),
        ("${TOP}/tools/mon x", "tools/mon"),
        ("sh -c '. ./conv.sh'", "./conv.sh"),
        ("sh clean.sh", "clean.sh"),
        ("bash -euo pipefail run.sh", "run.sh"),
        ("for x in a b; do ./hooks.d/$x; done", "hooks.d"),
        ("sh \"$(git rev-parse --show-cdup)run.sh\"", "run.sh"),
        (
            "git config core.hooksPath \"$PWD/hk\" && git archive --remote=./b",
            "b",
        ),
        ("python3 -m nbstripout", "nbstripout.py"),
        ("$HOME/bin/x", "/home/me/bin/x"),
        ("python3 -mtools.mon", "tools/mon.py"),
        ("python3 -m tools.mon", "tools/__init__.py"),
        ("ssh -Fssh/config", "ssh/config"),
        ("ssh -oProxyCommand=ssh/x -v", "ssh/x"),
        ("ssh '-oProxyCommand=ssh/x %h'", "ssh/x"),
        ("sed -ft/c.sed", "t/c.sed"),
        ("sed -nf c.sed", "c.sed"),
        ("awk -ftools/v.awk", "tools/v.awk"),
        ("make -Ct", "t"),
        ("perl -Ilib", "lib"),
        ("x --long=tools/x", "tools/x"),
        ("x -Xtools/x", "tools/x"),
        ("PATH=$PWD/tools:$PATH mon", "tools"),
        ("export PATH=tools:$PATH; mon", "tools"),
        ("PATH=.:$PATH mon", "."),
        ("PYTHONPATH=$PWD python3 x", "."),
        ("tools/m*n", "tools"),
        ("sh tools/*/x", "tools"),
        ("$PWD/tools/m?n", "tools"),
        ("${TOP}/tools/m?n", "tools"),
        ("$(git x)/tools/m?n", "tools"),
        ("cd `x`/a; ./mon", "a/./mon"),
        ("cd \"$(x \"$(y)\")\"a; ./mon", "a/./mon"),
        ("cd \"$TOP\"a; ./mon", "a/./mon"),
        ("cd ${X:-a}; ./mon", "a/./mon"),
        ("x $(cd a; y); ./mon", "a/./mon"),
        ("sh ${X:-tools}/mon", "tools/mon"),
        ("f() { local d=a; cd $d; ./mon; }; f", "a/./mon"),
        ("./m*n", "."),
        ("f() { ./run; }; f", "./run"),
        ("f() { ./mon; }; cd tools; f", "tools/./mon"),
        ("cd a && cd b && ./mon", "a/b/./mon"),
        ("cd -P a; ./mon", "a/./mon"),
        ("cd $TOP/a; ./mon", "a/./mon"),
        ("pushd a; ./mon", "a/./mon"),
        ("chroot a sh mon.sh", "a/mon.sh"),
        ("env -C sub ./fm", "sub/./fm"),
        ("env -Csub ./fm", "sub/./fm"),
        ("env --chdir=sub ./fm", "sub/./fm"),
        ("env --chdir sub ./fm", "sub/./fm"),
        ("env -S '-C sub ./fm'", "sub/./fm"),
        ("sudo -D sub ./fm", "sub/./fm"),
        ("sudo env -C sub sh fm.sh", "sub/fm.sh"),
        ("env -C sub sh -c './fm'", "sub/./fm"),
        ("sh -c 'cd sub; ./fm'", "sub/./fm"),
        ("sh -c 'cd sub && exec ./fm \"$@\"' -", "sub/./fm"),
        ("systemd-run --working-directory=sub ./fm", "sub/./fm"),
        ("git -C sub -c core.x=y bisect run ./fm", "sub/./fm"),
        ("tar -C sub --use-compress-program=./fm", "sub/./fm"),
        ("make -C sub -f mk/x", "sub/mk/x"),
        ("wrap --in sub ./fm", "sub/./fm"),
        ("wrap --in=sub ./fm", "sub/./fm"),
        ("cd ~/x; ./fm", "~/x/./fm"),
        ("sh -C tools/x", "tools/x"),
        ("timeout 5 sh fm.sh", "fm.sh"),
        ("timeout 5 git rebase --exec 'sh fm.sh'", "fm.sh"),
        (&format!("A=xx; {}; t/m", "A=$A$A; ".repeat(99)), "t/m"),
    ] {
        let found = of(command.as_bytes(), Some(b"/home/me"));
        assert!(holds(&found, path), "{command}: {found:?}");
    }
}

#[test]
fn what_is_no_path_is_not_held() {
    for command in [
        "sed s/a/b/g",
        "git log origin/main",
        "less -FRX",
        "curl https://example.org/x",
        "git-lfs smudge -- %f",
        "git log -Sa/b 'x/*'",
        "sed 's/[a-z]*/b/'",
        "sed -es/a/b/g",
        "[ -f x ]",
        "xargs git ls-tree --full-tree -r HEAD",
        "code --wait --diff $LOCAL $REMOTE",
        "f() { git branch --merged ${1-main} | grep -v ' x$' | xargs git branch -d; }; f",
        "git for-each-ref --format '%(refname:short) %(x)' | awk '$2 == \"[gone]\" {print $1}'",
        "env -i",
    ] {
        let found = of(command.as_bytes(), None);
        assert_eq!(held(&found), [""; 0], "{command}: {found:?}");
    }
}

#[test]
fn what_may_be_a_folder_is_looked_at_where_it_is_there() {
    let found = of(b"direnv exec sub ./fm", None);
    assert!(folders(&found).contains("sub"), "{found:?}");
    assert!(!holds(&found, "sub/./fm"), "{found:?}");
    for command in [
        "timeout 5 tools/mon",
        "tools/mon --x sub",
        "test -d sub && tools/mon",
    ] {
        let found = of(command.as_bytes(), None);
        let folders = folders(&found);
        let within = |name: &&str| folders.contains(*name);
        assert_eq!(
            ["sub", "test", "timeout"].iter().find(|name| within(name)),
            None,
            "{command}"
        );
    }
}

#[test]
fn too_much_is_told() {
    let many = |count: usize| {
        let folders: Vec<String> = (0..count).map(|at| format!("cd {at}x; ")).collect();
        folders.concat()
    };
    let deep = (0..9).fold("./fm".to_owned(), |text, _| {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("sh -c \"{text} x\"")
    });
    let paths = |count: usize| {
        let paths: Vec<String> = (0..count).map(|at| format!("./a{at} ")).collect();
        paths.concat()
    };
    for (command, much) in [
        (many(4) + "./fm", false),
        (many(9) + "./fm", false),
        (many(9) + "true", false),
        (many(9000) + "./fm", true),
        (deep, true),
        (paths(5000), true),
        ("./a ".repeat(3000), false),
    ] {
        let found = of(command.as_bytes(), None);
        assert_eq!(found.too_much, much, "{command}");
        assert!(found.paths.len() <= PATHS_MAX + 1, "{}", found.paths.len());
    }
    let found = of((many(9) + "./fm").as_bytes(), None);
    let all = ["0x/fm", "8x/fm", "fm"];
    assert!(all.iter().all(|path| holds(&found, path)), "{found:?}");
}

#[test]
fn what_git_sets_executes_and_enters_is_found() {
    for (words, expected) in [
        ("-p -C sub status", "sub"),
        ("--git-dir=x --work-tree y status", "x"),
        ("--git-dir=x --work-tree y status", "y"),
        ("--exec-path=x foo", "x"),
        ("rebase --exec ./mon --root", "./mon"),
        ("rebase --exe=./mon", "./mon"),
        ("rebase -ix ./mon", "./mon"),
        ("rebase -x./mon", "./mon"),
        ("rb -x ./mon", "./mon"),
        ("difftool -x 'sh t/d'", "t/d"),
        ("fetch --upload-pack t/u o", "t/u"),
        ("push --receive=t/u o", "t/u"),
        ("clone -u t/u o", "t/u"),
        ("grep -Ot/pager x", "t/pager"),
        ("clone --template=t o", "t"),
        ("filter-branch --tree-filter t/f", "t/f"),
        ("push ./b.git main", "./b.git"),
        ("push ./b main", "./b.git"),
        ("push ext::t/x main", "t/x"),
        ("for-each-repo --config=a.b rebase -x t/x", "t/x"),
        ("bisect run t/b x", "t/b"),
        ("submodule foreach --recursive t/b x", "t/b"),
    ] {
        let found = of_alias(words.as_bytes(), None);
        assert!(holds(&found, expected), "{words:?}: {found:?}");
    }
    for (words, key, value) in [
        ("-c core.fsmonitor=./mon status", "core.fsmonitor", "./mon"),
        ("-p -C sub -c a.b=x status", "a.b", "x"),
        ("clone -c a.b=c o", "a.b", "c"),
    ] {
        let found = of_alias(words.as_bytes(), None);
        let entry = Entry::of(key, value).expect("a key");
        assert!(found.settings.contains(&entry), "{words:?}: {found:?}");
    }
}

#[test]
fn names_of_branches_and_files_are_none() {
    for words in [
        "log --graph -- ./src",
        "push -u origin feature/x",
        "switch -c feature/x",
        "commit -c HEAD --template .gitmessage",
        "clean -xdf ./src",
        "diff -b -O x ./src",
        "status -uno",
        "pull --rebase origin main",
    ] {
        let found = of_alias(words.as_bytes(), None);
        assert_eq!(held(&found), [""; 0], "{words:?}");
        assert_eq!(folders(&found), BTreeSet::new(), "{words:?}");
    }
}

#[test]
fn what_computes_a_folder_is_open() {
    for command in [
        "f() { cd \"$1\"; ./x; }; f v",
        "bash -c 'function f { cd $1; ./x; }; f v'",
        "sh v/`echo x`.sh",
        "sh v/x-$1",
        "for x in v/x-*; do $x; done",
        "V=v; sh ${V}/x",
        "sh ${1:-v}/x",
        "while read d; do $d/x; done <<E\nv\nE",
        "bash -c 'a=(v); \"${a[0]}/x\"'",
        "awk 'BEGIN { system(\"v/x-\" 1) }; x $1/v'",
        "python3 -c 'import sys; sys.path.insert(0,\"v\")'",
        "perl -Iv -e 'use x; y'",
        "find v -exec sh {} +",
        "git ls-files v | xargs -n1 sh",
        "wrap \"$(pwd)/v\"",
    ] {
        let found = of(command.as_bytes(), None);
        assert!(
            found.open.is_some() || folders(&found).contains("v"),
            "{command}: {found:?}"
        );
    }
    for command in [
        "f() { test -n \"$1\" && git log \"$1\"; }; f",
        "./x test",
        "sh -c 'test \"$1\"; git log'",
    ] {
        let folders = folders(&of(command.as_bytes(), None));
        for name in ["test", "log"] {
            assert!(!folders.contains(name), "{command}: {folders:?}");
        }
    }
}

#[test]
fn a_folder_that_nothing_says_is_told() {
    for (command, lost) in [
        ("cd \"$1\"", true),
        ("cd $(x)", true),
        ("cd `x`", true),
        ("cd -P -- $X", true),
        ("cd v*", true),
        ("cd 5", false),
        ("builtin cd $X", true),
        ("eval cd $X", true),
        ("sh -c 'cd {}'", true),
        ("x=$(y); cd \"$x\"", true),
        ("cd \"${PWD%/*}\"", true),
        ("x=$(git rev-parse --show-toplevel); cd $x", true),
        ("cd \"$(git rev-parse --show-toplevel 2>/dev/null)\"", false),
        ("cd ./$(git rev-parse --show-cdup)", false),
        ("cd \"${GIT_PREFIX:-.}\"", false),
        ("cd -- ${GIT_PREFIX:-./}", false),
        ("cd \"$OLDPWD\"; cd -", false),
        ("cd v; cd ..; $x", true),
        ("git -C \"$1\" status", true),
        ("cd; x $y", false),
    ] {
        let found = of(command.as_bytes(), None).open.is_some();
        assert_eq!(found, lost, "{command}");
    }
}

#[test]
fn what_is_executed_and_nothing_names_leaves_nothing_to_be_written() {
    let open = |command: &str| of(command.as_bytes(), None).open.is_some();
    for command in [
        "f() { cd env-$1 && ./run.sh; }; f",
        "sh run-$(uname).sh",
        "f() { ./$1.sh; }; f",
        "for f in *.sh; do sh \"$f\"; done",
        "for d in tools lib; do sh $d/run.sh; done",
        "for x in tools-{a,b}; do sh $x/run.sh; done",
        "find . -name '*.sh' -exec sh {} \\;",
        "git ls-files '*.sh' | xargs -n1 sh",
        "cat list | xargs -I{} sh {}.sh",
        "cd \"$(git config my.dir)\" && ./run.sh --out build",
        "cd \"${1:-web}\" && ./run.sh",
        "cd -- \"${GIT_PREFIX:-.}\" && ./run.sh",
        "sh \"${GIT_PREFIX}run.sh\"",
        "python3 -c 'import glob; [exec(open(f).read()) for f in glob.glob(\"*.py\")]'",
    ] {
        assert!(open(command), "{command}");
    }
    for command in [
        "git log --graph",
        "vim",
        "less -FRX",
        "git-lfs clean -- %f",
        "git pull && git push",
        "f() { git checkout -b \"feature-$1\"; }; f",
        "git branch --merged | grep -v main | xargs git branch -d",
        "cd \"${GIT_PREFIX:-.}\" && git status",
        "\"$EDITOR\" \"$@\"",
        "f() { git add *.c && git commit -m \"$1\"; }; f",
        "awk '{print $1}' *.txt",
        "$(git rev-parse --show-toplevel)/tools/run.sh",
    ] {
        assert!(!open(command), "{command}");
    }
}

#[test]
fn what_may_be_in_a_name_ends_no_path() {
    for (command, path) in [
        ("tools/@a/mon", "tools/@a/mon"),
        ("tools/a,b/conv", "tools/a,b/conv"),
        ("./tools/v1:clean", "./tools/v1:clean"),
        ("node tools/mon", "tools/mon.js"),
        ("run-parts hooks.d", "hooks.d"),
    ] {
        let pieces = of(command.as_bytes(), None);
        assert_eq!(
            pieces.paths.get(path.as_bytes()),
            Some(&Hold::Always),
            "{command}"
        );
    }
}
