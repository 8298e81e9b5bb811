//! Whether a text may hold a credential.
//!
//! Pure. Settings that hold none are shown where programs fail without them; what looks
//! like one is taken for one.

/// Words that stand beside credentials, in lower case.
const WORDS: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "privatekey",
    "private_key",
    "apikey",
    "api_key",
    "_auth",
    "authorization",
];

/// Returns whether something outside of comments looks like a credential: a word for one, or
/// an address with a user in it.
pub(super) fn may_hold(text: &str) -> bool {
    let text = without_comments(text).to_lowercase();
    WORDS.iter().any(|word| text.contains(word)) || text.split("://").skip(1).any(has_user)
}

/// Whether what follows `://` has a user before its host.
fn has_user(rest: &str) -> bool {
    let host = rest.split(|c: char| c == '/' || c.is_whitespace()).next();
    host.is_some_and(|host| host.contains('@'))
}

/// A text without comments in the manner of XML, and without lines that begin as comments. A
/// comment that does not end is none.
fn without_comments(text: &str) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        let Some((_, behind)) = after.split_once("-->") else {
            break;
        };
        left.push_str(before);
        rest = behind;
    }
    left.push_str(rest);
    let is_comment = |line: &&str| line.trim_start().starts_with(['#', ';']);
    let lines: Vec<&str> = left.lines().filter(|line| !is_comment(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_credential_is_one() {
        for text in [
            "<server><username>me</username><password>x</password></server>",
            "<!-- a --><Passphrase>x</Passphrase><!-- b -->",
            "<!-- begins and never ends <password>x</password>",
            "//registry.example/:_authToken=abc",
            "index-url = https://me:x@pypi.example/simple",
            "[url \"https://me@git.example/\"]\n\tinsteadOf = https://git.example/",
            "header = Authorization: x",
            "[credential]\n\thelper = \"!echo password=x\"",
        ] {
            assert!(may_hold(text), "{text}");
        }
    }

    #[test]
    fn settings_without_one_are_told_apart() {
        for text in [
            "",
            "<!-- <password>x</password> --><mirrors><url>https://a.example/x@y</url></mirrors>",
            "# password = x\n  ; token\nregistry = https://npm.example/\n",
            "[safe]\n\tdirectory = *\n",
            "passive_ftp = on\n",
            "[credential \"https://a.example\"]\n\thelper = a.sh\n",
        ] {
            assert!(!may_hold(text), "{text}");
        }
    }
}
