//! What the arguments of git itself set, execute and lead to: those of an alias, and
//! of a `git` in a command.
//!
//! Pure. Git takes the names of its options shortened, so these are, too.

use super::remotes;

/// What an argument means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument<'a> {
    /// A setting, as `key=value`.
    Setting(&'a [u8]),
    /// A command.
    Command(&'a [u8]),
    /// A program with its arguments.
    Program(&'a [Vec<u8>]),
    /// A folder whose programs git runs.
    Programs(&'a [u8]),
    /// A folder that git changes into.
    Folder(&'a [u8]),
    /// A repository that git works in.
    Repository(&'a [u8]),
    /// What may be the url of another repository.
    Remote(&'a [u8]),
}

/// Long options of subcommands whose values are commands.
const COMMANDS: [&[u8]; 13] = [
    b"access-hook",
    b"authors-prog",
    b"browser",
    b"cc-cmd",
    b"exec",
    b"extcmd",
    b"header-cmd",
    b"httpd",
    b"open-files-in-pager",
    b"receive-pack",
    b"sendmail-cmd",
    b"to-cmd",
    b"upload-pack",
];

/// Such that cannot be shortened.
const COMMANDS_IN_FULL: [&[u8]; 9] = [
    b"commit-filter",
    b"env-filter",
    b"index-filter",
    b"msg-filter",
    b"parent-filter",
    b"setup",
    b"smtp-server",
    b"tag-name-filter",
    b"tree-filter",
];

/// Short options of these subcommands whose values are commands.
const LETTERS: [(&[u8], u8); 6] = [
    (b"clone", b'u'),
    (b"difftool", b'x'),
    (b"grep", b'O'),
    (b"instaweb", b'b'),
    (b"instaweb", b'd'),
    (b"rebase", b'x'),
];

/// Subcommands to which these letters mean something else. What is none of git's own
/// subcommands may be an alias of one in which they are commands.
const OTHERS: [&[u8]; 40] = [
    b"add",
    b"am",
    b"apply",
    b"archive",
    b"bisect",
    b"blame",
    b"branch",
    b"checkout",
    b"cherry-pick",
    b"clean",
    b"commit",
    b"config",
    b"describe",
    b"diff",
    b"fetch",
    b"format-patch",
    b"gc",
    b"init",
    b"log",
    b"ls-files",
    b"ls-remote",
    b"ls-tree",
    b"merge",
    b"mv",
    b"notes",
    b"pull",
    b"push",
    b"read-tree",
    b"reflog",
    b"remote",
    b"reset",
    b"restore",
    b"rm",
    b"show",
    b"stash",
    b"status",
    b"submodule",
    b"switch",
    b"tag",
    b"worktree",
];

/// Subcommands that take the urls or paths of repositories.
const REMOTE: [&[u8]; 15] = [
    b"archive",
    b"clone",
    b"daemon",
    b"fetch",
    b"fetch-pack",
    b"init",
    b"ls-remote",
    b"pull",
    b"push",
    b"receive-pack",
    b"remote",
    b"send-pack",
    b"submodule",
    b"upload-archive",
    b"upload-pack",
];

/// What these arguments of git mean.
pub(super) fn of(words: &[Vec<u8>]) -> Vec<Argument<'_>> {
    let mut found = Vec::new();
    let mut rest = words;
    while let Some(more) = of_git(rest, &mut found) {
        rest = more;
    }
    found
}

/// What the arguments of one command of git mean. Gives those of another that it starts.
fn of_git<'a>(words: &'a [Vec<u8>], found: &mut Vec<Argument<'a>>) -> Option<&'a [Vec<u8>]> {
    let mut rest = words;
    while let [word, after @ ..] = rest {
        if !word.starts_with(b"-") {
            break;
        }
        let (name, joined) = split(word);
        let next = after.first().map(Vec::as_slice);
        let (value, takes) = match joined {
            Some(value) => (Some(value), false),
            None => (next, true),
        };
        let argument = match name {
            b"-c" => value.map(Argument::Setting),
            b"-C" => value.map(Argument::Folder),
            b"--git-dir" | b"--work-tree" => value.map(Argument::Repository),
            b"--exec-path" => joined.map(Argument::Programs),
            b"--attr-source" | b"--config-env" | b"--namespace" | b"--super-prefix" => None,
            _ => {
                rest = after;
                continue;
            }
        };
        found.extend(argument);
        let skipped = takes && name != b"--exec-path";
        rest = after.get(usize::from(skipped)..).unwrap_or_default();
    }
    let [subcommand, arguments @ ..] = rest else {
        return None;
    };
    if subcommand == b"for-each-repo" {
        let options = arguments.iter().take_while(|word| word.starts_with(b"-"));
        return Some(&arguments[options.count()..]);
    }
    of_subcommand(subcommand, arguments, found);
    None
}

fn of_subcommand<'a>(subcommand: &[u8], arguments: &'a [Vec<u8>], found: &mut Vec<Argument<'a>>) {
    let behind = |word: &[u8]| {
        let at = arguments.iter().position(|argument| argument == word)?;
        let rest = &arguments[at + 1..];
        let options = rest.iter().take_while(|word| word.starts_with(b"-"));
        let rest = &rest[options.count()..];
        (!rest.is_empty()).then_some(rest)
    };
    match subcommand {
        b"bisect" => found.extend(behind(b"run").map(Argument::Program)),
        b"submodule" | b"submodule--helper" => {
            found.extend(behind(b"foreach").map(Argument::Program));
        }
        b"merge-index" => {
            let program = arguments.iter().position(|word| !word.starts_with(b"-"));
            found.extend(program.map(|at| Argument::Program(&arguments[at..=at])));
        }
        _ => {}
    }
    for (at, word) in arguments.iter().enumerate() {
        let next = arguments.get(at + 1).map(Vec::as_slice);
        if let Some(long) = word.strip_prefix(b"--") {
            let (name, joined) = split(long);
            if let Some(value) = joined.or(next) {
                found.extend(of_long(subcommand, name, value));
            }
        } else if let [b'-', letters @ ..] = &word[..] {
            of_letters(subcommand, letters, next, found);
        } else if REMOTE.contains(&subcommand) && is_explicit(word) {
            found.push(Argument::Remote(word));
        }
    }
}

fn of_long<'a>(subcommand: &[u8], name: &[u8], value: &'a [u8]) -> Option<Argument<'a>> {
    let shortened = |long: &&[u8]| name.len() > 1 && long.starts_with(name);
    match name {
        b"template" if subcommand != b"commit" => Some(Argument::Programs(value)),
        b"config" if is_setting(value) => Some(Argument::Setting(value)),
        b"git-dir" | b"work-tree" => Some(Argument::Repository(value)),
        b"reference" | b"remote" | b"repo" if is_explicit(value) => Some(Argument::Remote(value)),
        _ if COMMANDS_IN_FULL.contains(&name) || COMMANDS.iter().any(shortened) => {
            Some(Argument::Command(value))
        }
        _ => None,
    }
}

fn of_letters<'a>(
    subcommand: &[u8],
    letters: &'a [u8],
    next: Option<&'a [u8]>,
    found: &mut Vec<Argument<'a>>,
) {
    for (at, letter) in letters.iter().enumerate() {
        let Some(value) = Some(&letters[at + 1..])
            .filter(|rest| !rest.is_empty())
            .or(next)
        else {
            return;
        };
        let known = LETTERS.contains(&(subcommand, *letter));
        let alias = || {
            let taken = OTHERS.contains(&subcommand);
            let somewhere = LETTERS.iter().any(|(_, other)| other == letter);
            let own = LETTERS.iter().any(|(other, _)| *other == subcommand);
            !taken && !own && somewhere
        };
        if known || alias() {
            found.push(Argument::Command(value));
        } else if *letter == b'c' && is_setting(value) {
            found.push(Argument::Setting(value));
        }
    }
}

/// What a variable of git's means.
pub(super) fn of_variable<'a>(name: &[u8], value: &'a [u8]) -> Option<Argument<'a>> {
    match name {
        b"GIT_COMMON_DIR" | b"GIT_DIR" | b"GIT_WORK_TREE" => Some(Argument::Repository(value)),
        b"GIT_EXEC_PATH" | b"GIT_TEMPLATE_DIR" => Some(Argument::Programs(value)),
        _ => None,
    }
}

/// The name of an option, and what is behind its `=`.
pub(super) fn split(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    match word.iter().position(|byte| *byte == b'=') {
        Some(at) => (&word[..at], Some(&word[at + 1..])),
        None => (word, None),
    }
}

/// Whether it looks like `section.key=value`.
fn is_setting(word: &[u8]) -> bool {
    let (key, value) = split(word);
    value.is_some() && key.contains(&b'.')
}

/// Whether it is a path or a url that leads to this machine, and not the name of a
/// remote or a branch.
fn is_explicit(word: &[u8]) -> bool {
    let begins = [&b"./"[..], b"../", b"/", b"~", b"$"];
    let local =
        || remotes::of(word).is_some() && word.windows(2).any(|two| two == b"::" || two == b"//");
    begins.iter().any(|start| word.starts_with(start)) || local()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::git::shell;

    #[test]
    fn what_git_sets_executes_and_enters_is_found() {
        for (words, expected) in [
            (
                "-c core.fsmonitor=./mon status",
                Argument::Setting(b"core.fsmonitor=./mon"),
            ),
            ("-p -C sub -c a.b=x status", Argument::Setting(b"a.b=x")),
            ("-p -C sub status", Argument::Folder(b"sub")),
            (
                "--git-dir=x --work-tree y status",
                Argument::Repository(b"x"),
            ),
            (
                "--git-dir=x --work-tree y status",
                Argument::Repository(b"y"),
            ),
            ("--exec-path=x foo", Argument::Programs(b"x")),
            ("rebase --exec ./mon --root", Argument::Command(b"./mon")),
            ("rebase --exe=./mon", Argument::Command(b"./mon")),
            ("rebase -ix ./mon", Argument::Command(b"./mon")),
            ("rebase -x./mon", Argument::Command(b"./mon")),
            ("rb -x ./mon", Argument::Command(b"./mon")),
            ("difftool -x 'sh t/d'", Argument::Command(b"sh t/d")),
            ("fetch --upload-pack t/u o", Argument::Command(b"t/u")),
            ("push --receive=t/u o", Argument::Command(b"t/u")),
            ("clone -u t/u o", Argument::Command(b"t/u")),
            ("grep -Ot/pager x", Argument::Command(b"t/pager")),
            ("clone -c a.b=c o", Argument::Setting(b"a.b=c")),
            ("clone --template=t o", Argument::Programs(b"t")),
            ("filter-branch --tree-filter t/f", Argument::Command(b"t/f")),
            ("push ./b.git main", Argument::Remote(b"./b.git")),
            ("push ext::t/x main", Argument::Remote(b"ext::t/x")),
            (
                "for-each-repo --config=a.b rebase -x t/x",
                Argument::Command(b"t/x"),
            ),
        ] {
            let words = shell::split(words.as_bytes());
            let found = of(&words);
            assert!(found.contains(&expected), "{words:?}: {found:?}");
        }
        for words in ["bisect run t/b x", "submodule foreach --recursive t/b x"] {
            let words = shell::split(words.as_bytes());
            let expected = ["t/b", "x"].map(|word| word.as_bytes().to_vec());
            assert_eq!(of(&words), [Argument::Program(&expected)]);
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
            let words = shell::split(words.as_bytes());
            assert_eq!(of(&words), [], "{words:?}");
        }
    }
}
