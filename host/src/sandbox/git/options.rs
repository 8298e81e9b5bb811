//! What decides what is executed, of the options of programs and of git, and of variables.
//!
//! Pure. Git takes the names of its long options shortened, so these are, too.

use super::shapes::is_shell;

/// What the value of an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing that matters.
    Nothing,
    /// A path, if it looks like one.
    Anything,
    /// The same, where it cannot be the name of a branch.
    Argument,
    /// A folder that something works in.
    Folder,
    /// A path that decides what is executed, whatever it looks like.
    Path,
    /// A module of Python's.
    Module,
    /// A command.
    Command,
}

/// Programs with the letters of options whose values decide what is executed, and the
/// letters of those options that take the rest of a word for themselves.
const LETTERS: [(&str, &[u8], &[u8]); 10] = [
    ("awk", b"f", b"Fvei"),
    ("gawk", b"f", b"Fveiol"),
    ("gmake", b"fCI", b"jlOoW"),
    ("make", b"fCI", b"jlOoW"),
    ("mawk", b"f", b"FvW"),
    ("node", b"r", b"epC"),
    ("perl", b"I", b"eEMmxi0lCDdF"),
    ("ruby", b"ICr", b"eExKFTW0"),
    ("sed", b"f", b"eli"),
    ("ssh", b"F", b"BbcDEeIiJLlmOopQRSWw"),
];

/// Long options of any program whose values do.
const LONG: [&[u8]; 8] = [
    b"config",
    b"directory",
    b"file",
    b"include-dir",
    b"init-file",
    b"makefile",
    b"rcfile",
    b"require",
];

/// What the names of options have in them that name a folder.
const FOLDERS: [&[u8]; 4] = [b"cwd", b"dir", b"prefix", b"wd"];

/// How the names of variables end that name what is executed, or folders with it.
const VARIABLES: [&[u8]; 8] = [
    b"CONFIG", b"ENV", b"GLOBAL", b"LIB", b"PATH", b"SYSTEM", b"TREE", b"_DIR",
];

/// Long options of git's subcommands whose values are commands.
const GIT_COMMANDS: [&[u8]; 22] = [
    b"access-hook",
    b"authors-prog",
    b"browser",
    b"cc-cmd",
    b"commit-filter",
    b"env-filter",
    b"exec",
    b"extcmd",
    b"header-cmd",
    b"httpd",
    b"index-filter",
    b"msg-filter",
    b"open-files-in-pager",
    b"parent-filter",
    b"receive-pack",
    b"sendmail-cmd",
    b"setup",
    b"smtp-server",
    b"tag-name-filter",
    b"to-cmd",
    b"tree-filter",
    b"upload-pack",
];

/// Short ones: of `clone`, `difftool` and `rebase`, `grep` and `instaweb`, and of aliases
/// for them.
const GIT_LETTERS: &[u8] = b"uxObd";

/// Long options of git's whose values are folders that it obeys.
const GIT_PATHS: [&[u8]; 6] = [
    b"exec-path",
    b"git-dir",
    b"reference",
    b"separate-git-dir",
    b"template",
    b"work-tree",
];

/// Subcommands of git's that execute none of their arguments.
const HARMLESS: [&[u8]; 59] = [
    b"add",
    b"am",
    b"apply",
    b"blame",
    b"branch",
    b"cat-file",
    b"check-attr",
    b"check-ignore",
    b"checkout",
    b"cherry",
    b"cherry-pick",
    b"clean",
    b"commit",
    b"count-objects",
    b"describe",
    b"diff",
    b"diff-files",
    b"diff-index",
    b"diff-tree",
    b"for-each-ref",
    b"format-patch",
    b"fsck",
    b"gc",
    b"hash-object",
    b"log",
    b"ls-files",
    b"ls-tree",
    b"merge",
    b"merge-base",
    b"mv",
    b"name-rev",
    b"notes",
    b"pack-refs",
    b"prune",
    b"range-diff",
    b"read-tree",
    b"reflog",
    b"reset",
    b"restore",
    b"rev-list",
    b"rev-parse",
    b"revert",
    b"rm",
    b"shortlog",
    b"show",
    b"show-branch",
    b"show-ref",
    b"stash",
    b"status",
    b"switch",
    b"symbolic-ref",
    b"tag",
    b"update-index",
    b"update-ref",
    b"var",
    b"verify-commit",
    b"verify-tag",
    b"whatchanged",
    b"worktree",
];

/// What an option of a program takes, and its value where it has that with it.
pub(super) fn of<'a>(program: &[u8], word: &'a [u8]) -> (Takes, Option<&'a [u8]>) {
    if let Some(long) = word.strip_prefix(b"--") {
        let (name, value) = split(long);
        let in_name = |part: &&[u8]| name.windows(part.len()).any(|window| window == *part);
        let takes = match () {
            () if LONG.contains(&name) => Takes::Path,
            () if FOLDERS.iter().any(in_name) => Takes::Folder,
            () => Takes::Anything,
        };
        return (takes, value);
    }
    let letters = &word[1..];
    let rest = |at: usize| letters.get(at..).filter(|rest| !rest.is_empty());
    let known = LETTERS.iter().find(|(name, ..)| name.as_bytes() == program);
    if let Some((_, deciding, taking)) = known {
        let ends = |letter: &u8| {
            deciding.contains(letter) || taking.contains(letter) || !letter.is_ascii_alphanumeric()
        };
        let end = letters.iter().position(ends);
        if let Some(at) = end.filter(|at| deciding.contains(&letters[*at])) {
            return (Takes::Path, rest(at + 1));
        }
    }
    match letters {
        [b'C', ..] | b"D" => (Takes::Folder, rest(1)),
        [b'm', ..] if program == b"python" => (Takes::Module, rest(1)),
        [.., b'o'] if is_shell(program) => (Takes::Nothing, None),
        _ => (Takes::Anything, rest(1)),
    }
}

/// The same of git, or of a subcommand of its.
pub(super) fn of_git(word: &[u8]) -> (Takes, Option<&[u8]>) {
    if let Some(long) = word.strip_prefix(b"--") {
        let (name, value) = split(long);
        let shortened = |long: &&[u8]| name.len() > 1 && long.starts_with(name);
        return match () {
            // Without a value, it asks for one.
            () if name == b"exec-path" && value.is_none() => (Takes::Nothing, Some(b"")),
            () if GIT_PATHS.contains(&name) => (Takes::Path, value),
            () if GIT_COMMANDS.iter().any(shortened) => (Takes::Command, value),
            () => (Takes::Argument, value.or(Some(b""))),
        };
    }
    let letters = &word[1..];
    let rest = |at: usize| letters.get(at..).filter(|rest| !rest.is_empty());
    if letters.starts_with(b"C") {
        return (Takes::Folder, rest(1));
    }
    let command = letters.iter().position(|one| GIT_LETTERS.contains(one));
    match command {
        Some(at) => (Takes::Command, rest(at + 1)),
        None => (Takes::Nothing, Some(b"")),
    }
}

/// Whether git executes nothing of what this subcommand is given.
pub(super) fn is_harmless(subcommand: &[u8]) -> bool {
    HARMLESS.contains(&subcommand)
}

/// Whether a variable names what is executed, or folders with it.
pub(super) fn decides(variable: &[u8]) -> bool {
    VARIABLES.iter().any(|end| variable.ends_with(end))
}

/// The name of an option, and what is behind its `=`.
fn split(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    match word.iter().position(|byte| *byte == b'=') {
        Some(at) => (&word[..at], Some(&word[at + 1..])),
        None => (word, None),
    }
}

#[cfg(test)]
#[path = "options/tests.rs"] // also where the fuzz targets include this file
mod tests;
