//! What a word of a command looks like: a path, a folder, a program that is known.
//!
//! Pure.

use super::shell::is_name;

/// The longest path that the kernel takes.
pub(super) const PATH_MAX: usize = 4096;

/// Words before a program that are none.
pub(super) const BEFORE: [&[u8]; 22] = [
    b"!",
    b"builtin",
    b"command",
    b"declare",
    b"do",
    b"elif",
    b"else",
    b"env",
    b"eval",
    b"exec",
    b"export",
    b"if",
    b"local",
    b"nohup",
    b"readonly",
    b"sudo",
    b"then",
    b"time",
    b"typeset",
    b"until",
    b"while",
    b"{",
];

/// Programs whose words with stars are patterns, and no names of files.
pub(super) const PATTERNS: [&[u8]; 3] = [b"[[", b"case", b"git"];

/// Programs that change into the folder that is their first argument.
pub(super) const CHANGERS: [&[u8]; 4] = [b"cd", b"chdir", b"chroot", b"pushd"];

/// Programs that execute the file that is their first argument.
const INTERPRETERS: [&[u8]; 18] = [
    b".",
    b"Rscript",
    b"ash",
    b"bash",
    b"dash",
    b"fish",
    b"ksh",
    b"lua",
    b"node",
    b"perl",
    b"php",
    b"python",
    b"ruby",
    b"run-parts",
    b"sh",
    b"source",
    b"tclsh",
    b"zsh",
];

/// Whether a word may be the name of a folder other than where it is said.
pub(super) fn is_folder(word: &[u8]) -> bool {
    let number = word.iter().all(u8::is_ascii_digit);
    let odd = |byte: &u8| is_odd(byte) || b"=$~".contains(byte);
    let tilde = word.strip_prefix(b"~").unwrap_or(word);
    !number
        && !is_here(word)
        && word.len() <= PATH_MAX
        && !word.starts_with(b"-")
        && !tilde.iter().any(odd)
}

/// Whether a word leads to where it is said.
pub(super) fn is_here(word: &[u8]) -> bool {
    let mut parts = word.split(|byte| *byte == b'/');
    !word.starts_with(b"/") && parts.all(|part| matches!(part, b"" | b"."))
}

/// Whether a word looks like the path of a file.
pub(super) fn is_path(word: &[u8]) -> bool {
    let url = word.windows(3).any(|three| three == b"://");
    let odd = |byte: &u8| is_odd(byte) && !b"%@,:".contains(byte);
    word.contains(&b'/')
        && !word.ends_with(b"/")
        && !url
        && !word.starts_with(b"+")
        && !word.iter().any(odd)
}

fn is_odd(byte: &u8) -> bool {
    byte.is_ascii_control() || b"*?[]{}<>^\\\"'|;&()`%@,:".contains(byte)
}

/// Whether a word may be a command itself.
pub(super) fn is_command(word: &[u8]) -> bool {
    word.iter()
        .any(|byte| byte.is_ascii_whitespace() || b";|&()`".contains(byte))
}

/// Whether a shell puts the names of files in the place of a word.
pub(super) fn is_pattern(word: &[u8]) -> bool {
    word.iter().any(|byte| b"*?[".contains(byte))
}

/// Whether a word is what `sed` is given, as `s/a/b/`.
pub(super) fn is_substitution(word: &[u8]) -> bool {
    let slashes = word.iter().filter(|byte| **byte == b'/').count();
    (word.starts_with(b"s/") || word.starts_with(b"y/")) && slashes >= 3
}

/// Whether a program of this name executes the file that is its first argument.
pub(super) fn is_interpreter(name: &[u8]) -> bool {
    INTERPRETERS.contains(&name)
}

/// Whether a program of this name has its commands taken apart: it has no code of
/// another language.
pub(super) fn is_shell(name: &[u8]) -> bool {
    matches!(
        name,
        b"bash" | b"dash" | b"eval" | b"git" | b"ksh" | b"sh" | b"zsh"
    )
}

/// Whether a shell looks a word up that is a command's first.
pub(super) fn is_bare(word: &[u8]) -> bool {
    word.iter()
        .all(|byte| is_name(byte) || b"-.+[]!".contains(byte))
}

/// The name of a program, without its folder and its version.
pub(super) fn program_name(word: &[u8]) -> &[u8] {
    let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let end = name
        .iter()
        .rposition(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .map_or(name.len(), |last| last + 1);
    &name[..end]
}

/// The folder whose files a shell takes in the place of a word with a star. `top`: also
/// the one where it is started.
pub(super) fn pattern_folder(word: &[u8], top: bool) -> Option<&[u8]> {
    let star = word.iter().position(|byte| b"*?[".contains(byte))?;
    let folder = match word[..star].iter().rposition(|byte| *byte == b'/') {
        Some(slash) => &word[..slash],
        None if top => b".",
        None => return None,
    };
    (!folder.iter().any(is_odd) && !folder.is_empty()).then_some(folder)
}
