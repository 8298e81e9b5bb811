//! The ways to plant something in a folder that a command of git's configuration
//! computes.

use super::Place;
use super::ways::{Plant, plant};
use crate::policy::WorkspaceAccess;

/// A program in a folder, as a shell's and as Python's.
const RUN: &str = "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > v/run.sh; chmod +x v/run.sh; \
                   printf 'open(\"%s\", \"w\")\\n' \"$MARK\" > v/run.py";

/// An alias `x`, with what the user made before.
macro_rules! alias {
    ($what:literal, $alias:literal) => {
        plant(
            $what,
            concat!(
                "new .; mkdir v; printf '#!/bin/sh\\ntrue\\n' > v/run.sh; chmod +x v/run.sh; \
                 echo pass > v/run.py; cat > ../alias <<'END'\n",
                $alias,
                "\nEND\ngit config alias.x \"$(cat ../alias)\""
            ),
            RUN,
            "git x; true",
        )
    };
}

pub(super) const OF_FOLDERS: &[Plant] = &[
    alias!(
        "a folder below a substitution",
        r#"!cd "$(git rev-parse --show-toplevel)/v" && ./run.sh"#
    ),
    alias!(
        "a folder below one in backticks",
        "!cd `git rev-parse --show-toplevel`/v && sh run.sh"
    ),
    alias!(
        "a folder beside a substitution",
        r#"!cd "$(git rev-parse --show-cdup)"v && ./run.sh"#
    ),
    alias!(
        "a folder beside a variable",
        r#"!cd "$GIT_PREFIX"v && ./run.sh"#
    ),
    alias!(
        "a folder that a function is given",
        r#"!f() { cd "$1" && ./run.sh; }; f v"#
    ),
    alias!(
        "a folder of a script that a function is given",
        "!f() { sh $1/run.sh; }; f v"
    ),
    alias!(
        "a folder in a function's own variable",
        r#"!f() { local d=v; cd "$d"; ./run.sh; }; f"#
    ),
    alias!(
        "a folder of a loop",
        "!for d in v other; do (cd $d && ./run.sh); done"
    ),
    alias!("a folder that is set", "!set -- v; cd $1; ./run.sh"),
    alias!(
        "a folder in the place of a variable",
        "!(cd ${V:-v}; ./run.sh)"
    ),
    alias!(
        "a folder in a variable that may be another",
        "!V=v; (cd ${V:-x}; ./run.sh)"
    ),
    alias!(
        "a folder that is read",
        "!while read d; do (cd $d; ./run.sh); done <<EOF\nv\nEOF"
    ),
    alias!(
        "a folder that is searched",
        "!find v -name '*.sh' -exec sh {} ';'"
    ),
    alias!("a folder of arguments", "!echo v | xargs -I{} sh {}/run.sh"),
    alias!(
        "a folder in a program of another language",
        r#"!python3 -c 'import sys; sys.path.insert(0,"v"); import run'"#
    ),
    alias!(
        "a folder of a bash function",
        r#"!bash -c 'function f { builtin cd "$1"; ./run.sh; }; f v'"#
    ),
    plant(
        "a folder of a monitor of files",
        "new .; mkdir v; git config core.fsmonitor 'sh -c \"cd \\\"$(git rev-parse --show-toplevel)/v\\\" && ./run.sh\"'",
        RUN,
        "git status",
    ),
    plant(
        "a folder of a helper with credentials",
        "new .; mkdir v; git config credential.helper '!f() { cd \"$(git rev-parse --show-toplevel)/v\" && ./run.sh; }; f'",
        RUN,
        "printf 'protocol=https\\nhost=x\\n' > ../in; GIT_ASKPASS=true git credential fill < ../in",
    ),
    plant(
        "a folder of a configured editor",
        "new .; mkdir v; git config core.editor 'f() { cd \"$1\" && ./run.sh; }; f v #'",
        RUN,
        "unset GIT_EDITOR; git commit --allow-empty",
    ),
];

#[tokio::test]
async fn a_folder_that_nothing_names_keeps_the_workspace_as_it_is() {
    for (alias, writes) in [
        ("!f() { cd \"$1\" && ./run.sh; }; f \"$@\"", false),
        ("!cd $(cat where) && ./run.sh", false),
        ("!cd -- \"$X\"; make", false),
        (
            "!cd \"$(git rev-parse --show-toplevel)\" && git add .",
            true,
        ),
        ("!cd \"${GIT_PREFIX:-.}\" && git log \"$@\"", true),
        ("!cd - && git log \"$OLDPWD\"", true),
        (
            "!f() { test -n \"$1\" && git push origin \"$1\"; }; f",
            true,
        ),
        ("!git log -1 \"$@\" && cd \"$OLDPWD\"", true),
    ] {
        let place = Place::new("w", None, "new .; mkdir test log push");
        let config = format!("git config alias.x '{alias}'");
        place.on_host(&config).unwrap();
        let script = "touch f2 test/x log/x push/x && echo wrote";
        let said = place.inside(WorkspaceAccess::ReadWrite, script).await;
        let said = said.unwrap();
        assert_eq!(said.contains("wrote"), writes, "{alias}: {said}");
    }
}
