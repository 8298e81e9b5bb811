//! Which folder a line goes to.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::Origin;
use crate::call::PrincipalName;
use crate::capsule::CapsuleId;

/// The host's own lines.
pub(super) const HOST: &str = "host";
/// The lines of all principals that are not admitted.
pub(super) const UNADMITTED: &str = "unadmitted";
/// A folder for each capsule, for its lines without a principal.
pub(super) const NO_PRINCIPAL: &str = "no-principal";
/// A folder for each principal, with a folder for each capsule.
pub(super) const PRINCIPALS: &str = "principals";

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum LogFolder {
    Host,
    Unadmitted,
    NoPrincipal(CapsuleId),
    Principal(PrincipalName, CapsuleId),
}

impl LogFolder {
    pub(super) fn of(origin: Option<&Origin>, admits: impl Fn(&str) -> bool) -> Self {
        let Some(Origin {
            capsule, principal, ..
        }) = origin
        else {
            return Self::Host;
        };
        match principal {
            None => Self::NoPrincipal(capsule.clone()),
            Some(principal) if admits(principal) => {
                Self::Principal(principal.clone(), capsule.clone())
            }
            Some(_) => Self::Unadmitted,
        }
    }

    /// The folders that lead to it, each a plain name.
    pub(super) fn folders(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Host => vec![HOST.into()],
            Self::Unadmitted => vec![UNADMITTED.into()],
            Self::NoPrincipal(capsule) => vec![NO_PRINCIPAL.into(), capsule.as_str().into()],
            Self::Principal(principal, capsule) => vec![
                PRINCIPALS.into(),
                folder_of(principal).into(),
                capsule.as_str().into(),
            ],
        }
    }
}

/// The longest name that is written out, in bytes.
const LONGEST: usize = 120;
/// How much a longer one begins with.
const BEGINNING: usize = 40;

/// A principal as the name of a folder: no two have the same, and none is a way
/// out of it. Small letters, digits and `-_@.` stand for themselves; capitals do
/// not, since some file systems take them for small ones. Any other byte is `%`
/// and two digits. What is empty or long ends with `~` and a hash, as no other
/// name does.
fn folder_of(principal: &str) -> String {
    let mut name = String::new();
    for byte in principal.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'@' => name.push(byte.into()),
            b'.' if !name.is_empty() => name.push('.'),
            other => {
                // Writing to a String cannot fail.
                let _ = write!(name, "%{other:02X}");
            }
        }
    }
    if !name.is_empty() && name.len() <= LONGEST {
        return name;
    }
    // Only ASCII is in it, so that it may be cut anywhere.
    name.truncate(BEGINNING);
    format!("{name}~{}", blake3::hash(principal.as_bytes()).to_hex())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay_readable() {
        for name in ["ann", "ann@example.com", "user-1_x.y"] {
            assert_eq!(folder_of(name), name);
        }
        assert_eq!(folder_of("Ann Lee"), "%41nn%20%4Cee");
        assert_eq!(folder_of("zoë"), "zo%C3%AB");
    }

    #[test]
    fn no_name_leaves_the_folder_or_is_anothers() {
        let long = "x".repeat(300);
        let longer = "x".repeat(301);
        let names = [
            "",
            ".",
            "..",
            "../x",
            "..%2Fx",
            "/",
            "/etc/passwd",
            "a/b",
            "a\0b",
            "a\nb",
            "ann",
            "Ann",
            "ANN",
            "%41nn",
            "ann ",
            "ann.",
            "zoë",
            "zoe\u{308}",
            "~",
            "con",
            "host",
            "unadmitted",
            "*",
            "\\",
            long.as_str(),
            longer.as_str(),
        ];
        let folders: Vec<String> = names.iter().map(|name| folder_of(name)).collect();
        for (name, folder) in names.iter().zip(&folders) {
            assert!(is_plain(folder), "{name:?}: {folder:?}");
        }
        // Also where capitals and small letters are the same.
        let different: BTreeSet<String> = folders.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(different.len(), names.len(), "{folders:?}");
    }

    fn is_plain(name: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'/' && byte != b'\\';
        (1..=255).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain)
    }

    proptest! {
        #[test]
        fn any_two_principals_have_folders_of_their_own(one in ".{0,150}", other in ".{0,150}") {
            let (first, second) = (folder_of(&one), folder_of(&other));
            prop_assert!(is_plain(&first), "{first:?}");
            prop_assert_eq!(first.to_lowercase() == second.to_lowercase(), one == other);
        }
    }

    #[test]
    fn a_line_goes_where_its_origin_says() {
        let origin = |principal: Option<&str>| Origin {
            capsule: "sample".parse().expect("an id"),
            principal: principal.map(Into::into),
            call_id: None,
        };
        let folders = |origin: Option<&Origin>| {
            LogFolder::of(origin, |name| name == "ann")
                .folders()
                .join("/")
        };
        assert_eq!(folders(None), "host");
        assert_eq!(folders(Some(&origin(None))), "no-principal/sample");
        assert_eq!(folders(Some(&origin(Some("ann")))), "principals/ann/sample");
        assert_eq!(folders(Some(&origin(Some("bob")))), "unadmitted");
    }
}
