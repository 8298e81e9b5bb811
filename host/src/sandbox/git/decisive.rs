//! Which variables decide what is executed.
//!
//! Pure. One that is not here decides.

/// Variables of the user's environment that name a program of the user's.
pub(super) const EDITORS: [&[u8]; 6] = [
    b"BROWSER",
    b"EDITOR",
    b"GIT_EDITOR",
    b"GIT_PAGER",
    b"PAGER",
    b"VISUAL",
];

/// Variables that git sets to the files which a tool shows or merges.
pub(super) const OF_TOOLS: [&[u8]; 5] = [b"BACKUP", b"BASE", b"LOCAL", b"MERGED", b"REMOTE"];

/// Variables whose value is a command of git's.
pub(super) const COMMANDS: [&[u8]; 8] = [
    b"EDITOR",
    b"GIT_EDITOR",
    b"GIT_EXTERNAL_DIFF",
    b"GIT_PAGER",
    b"GIT_SEQUENCE_EDITOR",
    b"GIT_SSH_COMMAND",
    b"PAGER",
    b"VISUAL",
];

/// Variables that decide nothing of what is executed.
const PLAIN: [&str; 62] = [
    "A",
    "B",
    "BASE_BRANCH",
    "BASE",
    "BAT_STYLE",
    "BAT_THEME",
    "BR",
    "BRANCH",
    "BRANCHES",
    "BRANCH_NAME",
    "COLUMNS",
    "COMMIT",
    "COMMITS",
    "COMMIT_MSG",
    "COUNT",
    "CURRENT",
    "CURRENT_BRANCH",
    "DATE",
    "DEFAULT",
    "DEFAULT_BRANCH",
    "DESC",
    "FILE",
    "FILES",
    "FILTER_BRANCH_SQUELCH_WARNING",
    "FORCE_COLOR",
    "FROM",
    "GIT_MERGE_AUTOEDIT",
    "GIT_OPTIONAL_LOCKS",
    "GIT_TERMINAL_PROMPT",
    "GREP_COLOR",
    "GREP_COLORS",
    "HASH",
    "HEAD",
    "ID",
    "IFS",
    "ISSUE",
    "LANG",
    "LANGUAGE",
    "LESS",
    "LESSCHARSET",
    "MAIN",
    "MASTER",
    "MESSAGE",
    "MSG",
    "N",
    "NAME",
    "NO_COLOR",
    "ORIGIN",
    "PR",
    "REF",
    "REMOTE",
    "REV",
    "SCOPE",
    "SHA",
    "SHA1",
    "TAG",
    "TERM",
    "TICKET",
    "TZ",
    "UPSTREAM",
    "URL",
    "VERSION",
];
const PLAIN_PREFIXES: [&[u8]; 5] = [
    b"GIT_AUTHOR_",
    b"GIT_COMMITTER_",
    b"GIT_LFS_SKIP_",
    b"GIT_TRACE",
    b"LC_",
];
/// What a shell takes for others.
const CLOSED: [&[u8]; 7] = [
    b"cdpath",
    b"fignore",
    b"fpath",
    b"manpath",
    b"module_path",
    b"mailpath",
    b"path",
];

/// Whether a variable decides nothing of what is executed: it is one of the command's own,
/// or known.
pub(super) fn is_plain_variable(name: &[u8]) -> bool {
    let own = !name.iter().any(u8::is_ascii_uppercase) && !CLOSED.contains(&name);
    own || name.len() == 1
        || PLAIN.iter().any(|one| one.as_bytes() == name)
        || PLAIN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
