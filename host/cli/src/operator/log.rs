//! `[log]` of the operator's file: where log files are, how much of them is kept, and how
//! fast a capsule may log.
//!
//! ```toml
//! [log]
//! directory = "/var/log/boll"   # files in addition to standard error; none without it
//! principals = ["ann"]          # who has a folder of their own
//! rotate-mib = 64               # the size of one file
//! keep-days = 30                # in addition to today
//! keep-mib = 1024               # all files together
//! rate = 10000                  # lines per second of a capsule; rate-mib likewise
//! burst = 20000                 # lines at once; burst-mib likewise
//! ```

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use boll_host::document::{Document, DocumentError, Whole};
use boll_host::services::log::{FileSettings, LogRate, LogRetention};
use serde::Deserialize;
use toml::Spanned;

use crate::way::without_links;

/// `[log]` as written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawLog {
    directory: Option<Spanned<PathBuf>>,
    principals: Option<Spanned<BTreeSet<String>>>,
    rotate_mib: Option<Spanned<Whole>>,
    keep_days: Option<Spanned<Whole<0>>>,
    keep_mib: Option<Spanned<Whole>>,
    rate: Option<Whole>,
    burst: Option<Whole>,
    rate_mib: Option<Whole>,
    burst_mib: Option<Whole>,
}

/// The same, checked as far as it does not depend on the workspace.
pub(super) struct Log {
    files: Option<(Spanned<PathBuf>, LogFiles)>,
    rate: LogRate,
}

/// The log files that the operator wants.
#[derive(Clone)]
pub(crate) struct LogFiles {
    pub(crate) directory: PathBuf,
    pub(crate) principals: BTreeSet<String>,
    pub(crate) settings: FileSettings,
}

impl RawLog {
    /// Returns the folder for log files.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.directory.as_ref().map(|path| path.get_ref().as_path())
    }
}

impl Log {
    pub(super) fn check(document: &Document<'_>, raw: RawLog) -> Result<Self, DocumentError> {
        let bytes = |value: &Option<Spanned<Whole>>| value.as_ref().map(|mib| mib.get_ref().mib());
        let (rotate, keep) = (bytes(&raw.rotate_mib), bytes(&raw.keep_mib));
        let default = LogRate::default();
        let rate = LogRate {
            lines: raw.rate.map_or(default.lines, Whole::get),
            burst: raw.burst.map_or(default.burst, Whole::get),
            bytes: raw.rate_mib.map_or(default.bytes, Whole::mib),
            burst_bytes: raw.burst_mib.map_or(default.burst_bytes, Whole::mib),
        };
        let Some(directory) = raw.directory else {
            let unused = [
                raw.principals.map(|value| ("principals", value.span())),
                raw.rotate_mib.map(|value| ("rotate-mib", value.span())),
                raw.keep_days.map(|value| ("keep-days", value.span())),
                raw.keep_mib.map(|value| ("keep-mib", value.span())),
            ];
            return match unused.into_iter().flatten().next() {
                Some((key, span)) => {
                    let message = format!("`{key}` is for log files, but no `directory` is set");
                    Err(document.error(Some(span), message))
                }
                None => Ok(Self { files: None, rate }),
            };
        };
        if !directory.get_ref().is_absolute() {
            let message = format!(
                "`{}` is not an absolute path",
                directory.get_ref().display()
            );
            return Err(document.error(Some(directory.span()), message));
        }
        let default = FileSettings::default();
        let rotate = rotate.and_then(NonZeroU64::new);
        let settings = FileSettings {
            rotate_bytes: rotate.unwrap_or(default.rotate_bytes),
            keep: LogRetention {
                days: raw
                    .keep_days
                    .map_or(default.keep.days, |days| Some(days.into_inner().get())),
                bytes: keep.or(default.keep.bytes),
            },
            ..default
        };
        let files = LogFiles {
            directory: directory.get_ref().clone(),
            principals: raw.principals.map(Spanned::into_inner).unwrap_or_default(),
            settings,
        };
        Ok(Self {
            files: Some((directory, files)),
            rate,
        })
    }

    pub(super) fn rate(&self) -> LogRate {
        self.rate
    }

    /// Returns the files, which no process may see. `shown` are the paths that processes
    /// do see, without links, including the workspace.
    pub(super) fn files<'a>(
        &self,
        document: &Document<'_>,
        shown: impl IntoIterator<Item = &'a Path>,
    ) -> Result<Option<LogFiles>, DocumentError> {
        let Some((directory, files)) = &self.files else {
            return Ok(None);
        };
        let real = without_links(directory.get_ref());
        match shown.into_iter().find(|path| real.starts_with(path)) {
            Some(path) => {
                let message = format!(
                    "`{}` is in {}, which processes of capsules see",
                    directory.get_ref().display(),
                    path.display()
                );
                Err(document.error(Some(directory.span()), message))
            }
            None => Ok(Some(files.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Raw {
        log: RawLog,
    }

    fn check(text: &str) -> Result<Log, DocumentError> {
        let document = Document::new("boll.toml", text);
        let raw: Raw = document.parse()?;
        Log::check(&document, raw.log)
    }

    #[test]
    fn what_is_set_is_taken_and_the_rest_is_the_hosts_own() {
        let log = check(
            "[log]\ndirectory = \"/var/log/boll\"\nprincipals = [\"ann\"]\nrotate-mib = 1\n\
             keep-days = 0\nkeep-mib = 2\nrate = 3\nburst = 4\nrate-mib = 5\nburst-mib = 6\n",
        )
        .expect("it fits");
        let rate = LogRate {
            lines: 3,
            burst: 4,
            bytes: 5 << 20,
            burst_bytes: 6 << 20,
        };
        assert_eq!(log.rate(), rate);
        let document = Document::new("boll.toml", "");
        let files = log.files(&document, []).expect("it fits").expect("files");
        assert_eq!(files.directory, Path::new("/var/log/boll"));
        assert!(files.principals.iter().eq(["ann"]));
        assert_eq!(files.settings.rotate_bytes.get(), 1 << 20);
        assert_eq!(
            files.settings.keep,
            LogRetention {
                days: Some(0),
                bytes: Some(2 << 20),
            }
        );

        let log = check("[log]\ndirectory = \"/var/log/boll\"\n").expect("it fits");
        let files = log.files(&document, []).expect("it fits").expect("files");
        assert_eq!(files.settings, FileSettings::default());
        assert!(files.principals.is_empty());

        let log = check("[log]\n").expect("it fits");
        assert!(log.files(&document, []).expect("it fits").is_none());
        assert_eq!(log.rate(), LogRate::default());
    }

    #[test]
    fn what_does_not_fit_is_refused_at_its_place() {
        for (text, why) in [
            ("directory = \"logs\"", "not an absolute path"),
            ("principals = [\"ann\"]", "no `directory` is set"),
            ("keep-days = 1", "no `directory` is set"),
            ("rotate-mib = 1", "no `directory` is set"),
            ("keep-mib = 1", "no `directory` is set"),
            ("rate = 0", "from 1 to"),
            ("burst = 0", "from 1 to"),
            ("rate-mib = 0", "from 1 to"),
            ("burst-mib = 0", "from 1 to"),
        ] {
            let error = check(&format!("[log]\n{text}\n")).err().expect("refused");
            assert!(error.message.contains(why), "{text}: {}", error.message);
            assert_eq!(error.position.map(|at| at.line), Some(2), "{text}");
        }
        for text in ["rotate-mib = 0", "keep-mib = 0"] {
            let text = format!("[log]\ndirectory = \"/l\"\n{text}\n");
            assert!(check(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_directory_that_processes_see_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("a path");
        let (workspace, link) = (folder.join("workspace"), folder.join("link"));
        std::fs::create_dir(&workspace).expect("a folder");
        std::os::unix::fs::symlink(&workspace, &link).expect("a link");
        let document = Document::new("boll.toml", "");
        for (directory, fits) in [
            (workspace.clone(), false),
            (workspace.join("logs/deep"), false),
            (link.join("logs"), false),
            (folder.join("logs"), true),
            (folder.join("workspace-logs"), true),
        ] {
            let text = format!("[log]\ndirectory = \"{}\"\n", directory.display());
            let log = check(&text).expect("it fits");
            let files = log.files(&document, [workspace.as_path()]);
            assert_eq!(files.is_ok(), fits, "{}", directory.display());
        }
    }
}
