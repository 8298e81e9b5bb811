//! What users have set for git, in files and in variables: what that names is kept
//! from being changed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use boll_host::sandbox::GitSettings;
use nix::unistd::{Uid, User};

/// The variables that git takes a setting from, each with the setting.
const VARIABLES: [(&str, &str); 15] = [
    ("EDITOR", "core.editor"),
    ("GIT_ASKPASS", "core.askPass"),
    ("GIT_EDITOR", "core.editor"),
    // Git looks there for its own programs.
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

/// As many settings as are taken from numbered variables.
const NUMBERED: usize = 1024;

/// Those of everybody who runs git in these folders: the user whose variables this
/// process has, and where that is root also the one who owns a folder, or asked for
/// this program to be run as root.
pub(crate) fn of_users<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Vec<GitSettings> {
    let mut users = vec![of(|name| env::var_os(name))];
    if !Uid::effective().is_root() {
        return users;
    }
    let owner = |folder: &Path| Some(fs::metadata(folder).ok()?.uid());
    let asked = || env::var("SUDO_UID").ok()?.parse().ok();
    let others: BTreeSet<u32> = folders
        .into_iter()
        .filter_map(owner)
        .chain(asked())
        .collect();
    let others = others.into_iter().filter(|other| *other != 0);
    users.extend(others.filter_map(|other| {
        let user = User::from_uid(Uid::from_raw(other)).ok()??;
        Some(of(|name| (name == "HOME").then(|| user.dir.clone().into())))
    }));
    users
}

fn of(variable: impl Fn(&str) -> Option<OsString>) -> GitSettings {
    let path = |name: &str| variable(name).map(PathBuf::from);
    let home = path("HOME");
    let below_home = |name: &str| home.as_ref().map(|home| home.join(name));
    let settings = path("XDG_CONFIG_HOME").or_else(|| below_home(".config"));
    let config = [
        path("GIT_CONFIG_SYSTEM"),
        // Which of them it is was decided when git was built.
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
    // What `git -c` was given, for whatever that git runs.
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
    use super::*;

    #[test]
    fn a_host_that_is_root_counts_what_owners_have_set() {
        const NOBODY: u32 = 65_534;
        let folder = tempfile::tempdir().expect("a folder");
        if !Uid::effective().is_root() {
            // Whose anything else is does not matter to it.
            assert_eq!(of_users([folder.path(), Path::new("/")]).len(), 1);
            return;
        }
        assert_eq!(of_users([folder.path()]).len(), 1);
        std::os::unix::fs::chown(folder.path(), Some(NOBODY), None).expect("chown");
        let users = of_users([folder.path()]);
        let home = User::from_uid(Uid::from_raw(NOBODY))
            .expect("users")
            .expect("nobody")
            .dir;
        assert!(
            users[1].config.contains(&home.join(".gitconfig")),
            "{users:?}"
        );
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
