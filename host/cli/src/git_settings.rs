//! The settings of users for git, in files and in variables: the paths that they name are
//! protected from changes.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use boll_host::sandbox::GitSettings;

use crate::failure::{Code, Done, Failure};
use crate::others::Others;

/// The variables from which git takes a setting, each with the setting.
const VARIABLES: [(&str, &str); 15] = [
    ("EDITOR", "core.editor"),
    ("GIT_ASKPASS", "core.askPass"),
    ("GIT_EDITOR", "core.editor"),
    // Git looks for its own programs there.
    ("GIT_EXEC_PATH", "core.hooksPath"),
    ("GIT_EXTERNAL_DIFF", "diff.external"),
    ("GIT_PAGER", "core.pager"),
    ("GIT_PROXY_COMMAND", "core.gitProxy"),
    ("GIT_SEQUENCE_EDITOR", "sequence.editor"),
    ("GIT_SSH", "core.sshCommand"),
    ("GIT_SSH_COMMAND", "core.sshCommand"),
    ("GIT_TEMPLATE_DIR", "init.templateDir"),
    ("PAGER", "core.pager"),
    ("SSH_ASKPASS", "core.askPass"),
    ("SUDO_ASKPASS", "core.askPass"),
    ("VISUAL", "core.editor"),
];

/// How many settings are read from numbered variables.
const NUMBERED: usize = 1024;

/// Returns the settings of everybody who runs git in these folders: the user whose
/// variables this process has and, if that is root, also the other users concerned.
///
/// # Errors
///
/// The users cannot be found out.
pub(crate) fn of_users<'a>(
    folders: impl IntoIterator<Item = &'a Path>,
    others: &Others,
) -> Done<Vec<GitSettings>> {
    let mut concerned = BTreeSet::new();
    for folder in folders {
        match others.concerned(folder) {
            Ok(users) => concerned.extend(users.iter().cloned()),
            // Nobody is given a path that does not exist.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                let folder = folder.display();
                let text = format!("the owners of {folder} cannot be found out: {error}");
                return Err(Failure::new(Code::Machine, text));
            }
        }
    }
    let homes = concerned.into_iter().map(|user| user.home.into_os_string());
    let others = homes.map(|home| of(|name| (name == "HOME").then(|| home.clone())));
    Ok(std::iter::once(of(|name| env::var_os(name)))
        .chain(others)
        .collect())
}

fn of(variable: impl Fn(&str) -> Option<OsString>) -> GitSettings {
    let path = |name: &str| variable(name).map(PathBuf::from);
    let home = path("HOME");
    let below_home = |name: &str| home.as_ref().map(|home| home.join(name));
    let settings = path("XDG_CONFIG_HOME").or_else(|| below_home(".config"));
    let config = [
        path("GIT_CONFIG_SYSTEM"),
        // Which of them git reads was decided when it was built.
        Some("/etc/gitconfig".into()),
        Some("/usr/local/etc/gitconfig".into()),
        path("GIT_CONFIG_GLOBAL"),
        settings.map(|folder| folder.join("git/config")),
        below_home(".gitconfig"),
    ];
    GitSettings {
        config: config.into_iter().flatten().collect(),
        home,
        values: values(|name| Some(variable(name)?.to_string_lossy().into_owned())),
    }
}

fn values(variable: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let known = VARIABLES.iter();
    let known = known.filter_map(|(name, key)| Some(((*key).to_owned(), variable(name)?)));
    let count = variable("GIT_CONFIG_COUNT").and_then(|count| count.parse().ok());
    let numbered = (0..count.unwrap_or(0).min(NUMBERED)).filter_map(|number| {
        let of = |part: &str| variable(&format!("GIT_CONFIG_{part}_{number}"));
        Some((of("KEY")?, of("VALUE")?))
    });
    // The options of `git -c`, which it passes on to the git that it runs.
    let given = variable("GIT_CONFIG_PARAMETERS").unwrap_or_default();
    let given = shlex::split(&given).unwrap_or_default();
    let given = given.iter().filter_map(|one| {
        let (key, value) = one.split_once('=')?;
        Some((key.to_owned(), value.to_owned()))
    });
    known.chain(numbered).chain(given).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::chown;

    use nix::unistd::{Uid, User};

    use super::*;

    #[test]
    fn a_host_that_is_root_counts_what_owners_have_set() {
        const NOBODY: u32 = 65_534;
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let users = || {
            of_users([folder], &Others::default()).unwrap_or_else(|failure| panic!("{failure:?}"))
        };
        let before = users().len();
        if !Uid::effective().is_root() {
            assert_eq!(before, 1, "others act for nobody else");
        }
        if !crate::without::root() {
            return;
        }
        chown(folder, Some(NOBODY), None).expect("chown");
        let nobody = User::from_uid(Uid::from_raw(NOBODY)).expect("users");
        let home = nobody.expect("nobody").dir;
        let users = users();
        assert_eq!(users.len(), before + 1);
        let has = |user: &GitSettings| user.config.contains(&home.join(".gitconfig"));
        assert!(users.iter().any(has), "{users:?}");
    }

    #[test]
    fn settings_come_from_files_and_variables() {
        let set = [
            ("HOME", "/home/u"),
            ("GIT_EXTERNAL_DIFF", "./d"),
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "alias.x"),
            ("GIT_CONFIG_VALUE_0", "!sh x.sh"),
            ("GIT_CONFIG_KEY_1", "a.b.c"),
            (
                "GIT_CONFIG_PARAMETERS",
                r"'core.pager'='it'\''s' 'alias.y=!y'",
            ),
        ];
        let of_name = |name: &str| {
            let found = set.iter().find(|(one, _)| *one == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let settings = of(of_name);
        assert!(settings.config.contains(&"/home/u/.gitconfig".into()));
        assert!(
            settings
                .config
                .contains(&"/home/u/.config/git/config".into())
        );
        let values = settings.values.iter();
        let values: Vec<_> = values.map(|(key, value)| (&**key, &**value)).collect();
        let expected = [
            ("diff.external", "./d"),
            ("alias.x", "!sh x.sh"),
            ("core.pager", "it's"),
            ("alias.y", "!y"),
        ];
        assert_eq!(values, expected);
    }
}
