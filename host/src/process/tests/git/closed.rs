//! The ways to plant something that a command of git's configuration executes without
//! naming it.

use super::ways::{Plant, plant};

/// Whatever a command may find is written anew.
const PLANT: &str = "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > run.sh; chmod +x run.sh; mkdir -p tools sub lib; \
    for name in tools/run.sh sub/run.sh tools/mon run.txt git-x.rc; do cp run.sh $name; done; \
    printf 'open(\"%s\", \"w\")\\n' \"$MARK\" > run.py; cp run.py mod.py; \
    printf 'system(\"touch %s\");\\n1;\\n' \"$MARK\" > lib/Foo.pm; \
    printf 'BEGIN { system(\"touch %s\") }\\n' \"$MARK\" > run.awk; \
    printf 'all:\\n\\ttouch %s\\n' \"$MARK\" > run.mk; cp run.mk sub/Makefile; \
    echo run.sh > list; printf '[x]\\nscript=run.sh\\n' > .tool.conf; \
    printf 'ProxyCommand touch %s\\n' \"$MARK\" > run.conf";

/// An alias `x`, with what its user gives it.
macro_rules! alias {
    ($alias:literal) => {
        alias!($alias, "")
    };
    ($alias:literal, $given:literal) => {
        plant(
            $alias,
            concat!(
                "new .; mkdir tools sub lib; echo true > run.sh; cp run.sh tools/run.sh; cp run.sh run.txt; \
                 cp run.sh sub/run.sh; touch run.py list tools/x; git add -A; git commit -qm two; \
                 cat > ../alias <<'END'\n",
                $alias,
                "\nEND\ngit config alias.x \"$(cat ../alias)\""
            ),
            PLANT,
            concat!("git x ", $given, " < /dev/null; true"),
        )
    };
}

/// A repository in a folder that is there.
macro_rules! repository {
    ($alias:literal) => {
        Plant {
            inside: "cd sub; rm -rf .git; git init -q .; git config core.fsmonitor \"$EVIL\"",
            ..alias!($alias)
        }
    };
}

pub(super) const OF_CLOSED: &[Plant] = &[
    alias!("!cat *.sh | sh"),
    alias!(r#"!sh -c "$(cat *.sh)""#),
    alias!(r#"!bash -c "bash <(cat *.sh)""#),
    alias!("!cat *.py | python3"),
    alias!("!grep -h . *.txt | sh"),
    alias!("!git ls-files '*.sh' | xargs cat | sh"),
    alias!("!git ls-files '*.sh' | xargs -n1 sh"),
    alias!(r#"!f=$(ls | grep run.sh | head -1); sh "$f""#),
    alias!(r#"!sh "$(ls *.sh | head -1)""#),
    alias!(r#"!sh "$(git ls-files | grep '^run.sh')""#),
    alias!("!f=$(echo to*/run.sh); sh $f"),
    alias!(r#"!set -- *.sh; sh "$1""#),
    alias!("!find -name run.sh -exec sh {} +"),
    alias!("!ls *.sh | while read f; do sh $f; done"),
    alias!("!while read s; do sh $s; done < list"),
    alias!("!sh $(cat list)"),
    alias!("!xargs sh < list"),
    alias!("!xargs -a list sh"),
    alias!(r#"!sh "$(git config -f .tool.conf x.script)""#),
    alias!(r#"!sh "$PWD/$1""#, "run.sh"),
    alias!("!f() { make -f $1.mk; }; f", "run"),
    alias!("!python3 -m $1", "mod"),
    alias!(r#"!f() { PATH="$PWD/$1:$PATH"; mon; }; f"#, "tools"),
    alias!("!f() { awk -f $1.awk; }; f", "run"),
    alias!("!for d in */; do env -C $d sh run.sh; done"),
    alias!("!ls -d */ | xargs -I{} env -C {} sh run.sh"),
    alias!("!for d in */; do make -C $d; done"),
    alias!("!sh $(dirname tools/x)/run.sh"),
    alias!("!f=tools/x; sh $(dirname $f)/run.sh"),
    alias!("!sh $(readlink -f tools/x | sed s/x$/run.sh/)"),
    alias!("!printf %s tools/run.s h | tr -d ' ' | xargs sh"),
    alias!(r#"!bash -c "PATH+=:tools; mon""#),
    alias!(r#"!PERL5OPT="-Ilib -MFoo" perl -e 1"#),
    alias!("!cp -r tools ../z && sh ../z/run.sh"),
    alias!("!mkdir -p ../z; tar c tools | tar x -C ../z && sh ../z/tools/run.sh"),
    alias!("!cat tools/run.sh > ../z; sh ../z"),
    repository!("!for d in */; do git -C $d status; done"),
    repository!("!ls -d */ | xargs -I{} git -C {} status"),
    repository!("!for d in */; do git --git-dir=$d/.git --work-tree=$d status; done"),
    repository!("!for d in */; do GIT_DIR=$d/.git GIT_WORK_TREE=$d git status; done"),
    Plant {
        inside: "mkdir -p './a (b)'; cd './a (b)'; git init -q .; git config core.fsmonitor \"$EVIL\"",
        ..alias!("!git -C './a (b)' status")
    },
    Plant {
        inside: "mkdir -p 'a;b'; cp run.sh 'a;b'; echo touch \"$MARK\" > 'a;b/run.sh'; chmod +x 'a;b/run.sh'",
        ..alias!("!env -C './a;b' sh run.sh")
    },
    Plant {
        inside: "mkdir -p 'a&b'; cd 'a&b'; git init -q .; git config core.fsmonitor \"$EVIL\"",
        ..alias!("!git -C 'a&b' status")
    },
    plant(
        "a monitor of files that executes whatever is there",
        "new .; git config core.fsmonitor 'cat *.sh | sh; true'",
        PLANT,
        "git status",
    ),
    plant(
        "a filter that executes what it is given",
        "new .; echo : > f; git commit -qam f; git config diff.x.textconv sh",
        "echo '* diff=x' > .gitattributes; echo touch \"$MARK\" > f",
        "git diff",
    ),
    plant(
        "a script of an alias, seen from where the user is",
        "git config --global alias.x '!sh run.sh'; mkdir sub",
        PLANT,
        "cd sub; git x",
    ),
    plant(
        "a shell for ssh, seen from where the user is",
        "git config --global core.sshCommand 'sh run.sh'; mkdir sub",
        PLANT,
        "cd sub; git ls-remote ssh://x.invalid/y; true",
    ),
    plant(
        "a template, seen from where the user is",
        "git config --global init.templateDir .tpl; mkdir sub",
        "mkdir -p sub/.tpl/hooks; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > sub/.tpl/hooks/post-index-change; \
         chmod +x sub/.tpl/hooks/*",
        "cd sub; git init -q .; touch f; git add f",
    ),
];
