//! What commands name.

use super::super::word::Computed;
use super::*;

fn runs(path: &str) -> Word {
    Word::Path {
        text: path.into(),
        runs: true,
    }
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
        let word = runs(path);
        assert!(found.contains(&word), "{command}: {found:?}");
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
        let paths = found
            .iter()
            .filter(|word| !matches!(word, Word::Path { runs: false, .. }))
            // It holds only folders that are there.
            .filter(|word| !matches!(word, Word::Computed(Computed { lost: false, .. })));
        assert_eq!(paths.count(), 0, "{command}: {found:?}");
    }
}

#[test]
fn what_may_be_a_folder_is_looked_at_where_it_is_there() {
    let found = of(b"direnv exec sub ./fm", None);
    let within = Word::Within {
        folder: "sub".into(),
        text: "./fm".into(),
    };
    assert!(found.contains(&within), "{found:?}");
    assert!(!found.contains(&runs("sub/./fm")), "{found:?}");
    for command in [
        "timeout 5 tools/mon",
        "tools/mon --x sub",
        "test -d sub && tools/mon",
    ] {
        let found = of(command.as_bytes(), None);
        let within = |word: &Word| matches!(word, Word::Within { .. } | Word::Folder(_));
        assert!(!found.iter().any(within), "{command}: {found:?}");
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
    for (command, much) in [
        (many(4) + "./fm", false),
        (many(9) + "./fm", true),
        (many(9) + "true", false),
        (deep, true),
        ("./a ".repeat(3000), true),
    ] {
        let found = of(command.as_bytes(), None);
        assert_eq!(found.contains(&Word::TooMuch), much, "{command}");
        assert!(found.len() < 3 * FOUND_MAX, "{}", found.len());
    }
}

fn computed(command: &str) -> Option<Computed> {
    let found = of(command.as_bytes(), None);
    found.into_iter().find_map(|word| match word {
        Word::Computed(computed) => Some(computed),
        _ => None,
    })
}

#[test]
fn what_may_name_a_folder_is_found_where_something_is_computed() {
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
        let computed = computed(command).expect("something is computed");
        assert!(
            computed.folders.contains(&b"v"[..]),
            "{command}: {computed:?}"
        );
    }
    for command in [
        "f() { test -n \"$1\" && git log \"$1\"; }; f",
        "./x test",
        "sh -c 'test \"$1\"; git log'",
    ] {
        let folders = computed(command).map(|computed| computed.folders);
        for name in [&b"test"[..], b"log"] {
            let named = folders.as_ref().is_some_and(|all| all.contains(name));
            assert!(!named, "{command}: {folders:?}");
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
        ("cd 5", true),
        ("builtin cd $X", true),
        ("eval cd $X", true),
        ("sh -c 'cd {}'", true),
        ("x=$(y); cd \"$x\"", true),
        ("cd \"${PWD%/*}\"", true),
        ("x=$(git rev-parse --show-toplevel); cd $x", false),
        ("cd \"$(git rev-parse --show-toplevel 2>/dev/null)\"", false),
        ("cd ./$(git rev-parse --show-cdup)", false),
        ("cd \"${GIT_PREFIX:-.}\"", false),
        ("cd -- ${GIT_PREFIX:-./}", false),
        ("cd \"$OLDPWD\"; cd -", false),
        ("cd v; cd ..; $x", false),
        ("git -C \"$1\" status", false),
        ("cd; x $y", false),
    ] {
        let found = computed(command).is_some_and(|computed| computed.lost);
        assert_eq!(found, lost, "{command}");
    }
}
