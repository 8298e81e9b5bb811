//! Files and folders that cases name: below the capsule's folder, fit to be shown to a
//! capsule, and no more of them than one case may have. A case's author is not who runs it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::beneath::{Beneath, leads_out, path_of};
use crate::foreign;

/// The folder with the cases, beside the manifest.
pub(super) const FOLDER: &str = "cases";

/// The most that the files of one case have together, in bytes, and those that are read
/// as JSON, whose values take many times as much.
const BYTES: u64 = 64 << 20;
const JSON: u64 = 8 << 20;

/// Why a file or folder cannot be used, and what would help.
#[derive(Debug)]
pub(super) struct Unfit {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// Says why a file or folder of the machine may not be shown to a capsule, and how it is
/// allowed, where it can be.
pub(crate) type Judge<'a> = dyn Fn(&Path) -> Option<(String, Option<String>)> + 'a;

/// The files and folders that cases may name.
pub(crate) struct Fixtures<'a> {
    /// The capsule's folder.
    capsule: &'a Beneath,
    judge: &'a Judge<'a>,
    /// The files and folders that were found fit already.
    fit: RefCell<BTreeSet<PathBuf>>,
    /// Whether files are read, rather than looked at.
    reads: bool,
    bytes: Cell<u64>,
    json: Cell<u64>,
}

impl<'a> Fixtures<'a> {
    /// For cases that are read to see whether they are right.
    pub(crate) fn looked_at(capsule: &'a Beneath, judge: &'a Judge<'a>) -> Self {
        Self {
            capsule,
            judge,
            fit: RefCell::default(),
            reads: false,
            bytes: Cell::new(BYTES),
            json: Cell::new(JSON),
        }
    }

    /// For one case that is about to run.
    pub(crate) fn read(capsule: &'a Beneath, judge: &'a Judge<'a>) -> Self {
        Self {
            reads: true,
            ..Self::looked_at(capsule, judge)
        }
    }

    /// Begins with another case.
    pub(super) fn next_case(&self) {
        self.bytes.set(BYTES);
        self.json.set(JSON);
    }

    /// Returns the content of a file; `None` if files are only looked at.
    pub(super) fn bytes(&self, path: &Path, json: bool) -> Result<Option<Vec<u8>>, Unfit> {
        let unreadable = |error: io::Error| Unfit {
            message: format!("cannot read {}: {error}", path.display()),
            hint: None,
        };
        let file = self.capsule.file(&place(path));
        let file =
            file.map_err(|error| outside(path, &error).unwrap_or_else(|| unreadable(error)))?;
        self.judge(path, path_of(&file).map_err(unreadable)?)?;
        let left = if json {
            self.bytes.get().min(self.json.get())
        } else {
            self.bytes.get()
        };
        let size = file.metadata().map_err(unreadable)?.len();
        if size > left {
            return Err(too_much(path, size));
        }
        let content = self.content(file, left).map_err(unreadable)?;
        let size = content.as_ref().map_or(size, |bytes| bytes.len() as u64);
        self.bytes.set(self.bytes.get().saturating_sub(size));
        if json {
            self.json.set(self.json.get().saturating_sub(size));
        }
        Ok(content)
    }

    fn content(&self, file: File, left: u64) -> io::Result<Option<Vec<u8>>> {
        self.reads
            .then(|| foreign::bytes_of(file, left))
            .transpose()
    }

    /// Returns the path, in the capsule's folder, of a folder that is copied for a case.
    pub(super) fn folder(&self, path: &Path) -> Result<PathBuf, Unfit> {
        let place = place(path);
        let missing = |_: io::Error| Unfit {
            message: format!("there is no folder {}", path.display()),
            hint: None,
        };
        let folder = self.capsule.folder(&place);
        let folder =
            folder.map_err(|error| outside(path, &error).unwrap_or_else(|| missing(error)))?;
        self.judge(path, folder.path().map_err(missing)?)?;
        Ok(place)
    }

    fn judge(&self, path: &Path, real: PathBuf) -> Result<(), Unfit> {
        if self.fit.borrow().contains(&real) {
            return Ok(());
        }
        if let Some((why, hint)) = (self.judge)(&real) {
            let message = format!("{} is not given to a case: {why}", path.display());
            return Err(Unfit { message, hint });
        }
        self.fit.borrow_mut().insert(real);
        Ok(())
    }
}

/// Returns a path of a case as a path in the capsule's folder.
fn place(path: &Path) -> PathBuf {
    Path::new(FOLDER).join(path)
}

/// Returns the error for a path that leads out of the capsule's folder.
fn outside(path: &Path, error: &io::Error) -> Option<Unfit> {
    leads_out(error).then(|| Unfit {
        message: format!("{} is not in the capsule's folder", path.display()),
        hint: Some(format!(
            "copy it into the folder, and write its path from `{FOLDER}/`; a link to it does not do"
        )),
    })
}

fn too_much(path: &Path, size: u64) -> Unfit {
    Unfit {
        message: format!(
            "{} has {size} bytes: the files of a case have at most {} MiB together, and those that \
             are JSON {} MiB",
            path.display(),
            BYTES >> 20,
            JSON >> 20
        ),
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// A capsule's folder, and a secret beside it.
    fn capsule() -> (tempfile::TempDir, Beneath) {
        let all = tempfile::tempdir().expect("a folder");
        let at = |name: &str| all.path().join(name);
        for folder in ["capsule/cases/data", "capsule/data", "secret"] {
            fs::create_dir_all(at(folder)).expect("a folder");
        }
        for file in ["capsule/cases/file", "capsule/file", "secret/file"] {
            fs::write(at(file), "x").expect("a file");
        }
        symlink("file", at("capsule/cases/inside")).expect("a link");
        for (name, to) in [("folder", "secret"), ("link", "secret/file")] {
            symlink(at(to), at("capsule/cases").join(name)).expect("a link");
            symlink(
                format!("../../{to}"),
                at("capsule/cases").join(format!("up-{name}")),
            )
            .expect("a link");
        }
        let capsule = Beneath::open(&at("capsule")).expect("it opens");
        (all, capsule)
    }

    #[test]
    fn what_a_case_names_lies_in_the_capsules_folder() {
        let (all, capsule) = capsule();
        let fixtures = Fixtures::read(&capsule, &|_| None);
        for path in ["file", "inside", "../file", "data/../file"] {
            let bytes = fixtures.bytes(Path::new(path), false).expect(path);
            assert_eq!(bytes.as_deref(), Some(&b"x"[..]), "{path}");
        }
        for path in ["data", "../data", "."] {
            fixtures.folder(Path::new(path)).expect(path);
        }
        let secret = all.path().join("secret");
        let file = secret.join("file");
        for path in [
            "../../secret/file",
            "link",
            "up-link",
            "folder/file",
            "up-folder/file",
        ] {
            let unfit = fixtures.bytes(Path::new(path), false).expect_err(path);
            assert!(
                unfit.message.contains("is not in the capsule's folder"),
                "{unfit:?}"
            );
            assert!(unfit.hint.is_some_and(|hint| hint.contains("copy it")));
        }
        fixtures.bytes(&file, false).expect_err("an absolute path");
        for path in ["../../secret", "folder", "up-folder", "../.."] {
            let unfit = fixtures.folder(Path::new(path)).expect_err(path);
            assert!(
                unfit.message.contains("is not in the capsule's folder"),
                "{unfit:?}"
            );
        }
        fixtures.folder(&secret).expect_err("an absolute path");
        fixtures.folder(Path::new("file")).expect_err("a file");
    }

    #[test]
    fn what_may_not_be_shown_is_given_to_no_case() {
        let (_all, capsule) = capsule();
        let judge = |path: &Path| {
            let secret = path.ends_with("capsule/file") || path.ends_with("capsule/data");
            secret.then(|| ("it is secret".to_owned(), Some("so".to_owned())))
        };
        for fixtures in [
            Fixtures::read(&capsule, &judge),
            Fixtures::looked_at(&capsule, &judge),
        ] {
            fixtures.bytes(Path::new("file"), false).expect("fit");
            fixtures.folder(Path::new("data")).expect("fit");
            let unfit = fixtures
                .bytes(Path::new("../file"), false)
                .expect_err("unfit");
            assert!(unfit.message.ends_with("it is secret"), "{unfit:?}");
            fixtures.folder(Path::new("../data")).expect_err("unfit");
        }
    }

    #[test]
    fn the_files_of_a_case_have_a_sum() {
        let (all, capsule) = capsule();
        let size = |name: &str, size| {
            let file = File::create(all.path().join("capsule/cases").join(name)).expect("a file");
            file.set_len(size).expect("a size");
        };
        size("half", BYTES / 2);
        size("json", JSON / 2 + 1);
        let fixtures = Fixtures::looked_at(&capsule, &|_| None);
        let look = |name: &str, json| fixtures.bytes(Path::new(name), json);
        for _ in 0..3 {
            fixtures.next_case();
            for _ in 0..2 {
                assert_eq!(look("half", false).expect("it fits"), None);
            }
            let unfit = look("file", false).expect_err("it does not fit");
            assert!(
                unfit.message.contains("at most 64 MiB together"),
                "{unfit:?}"
            );
            fixtures.next_case();
            look("json", true).expect("it fits");
            look("json", true).expect_err("it does not fit");
            look("json", false).expect("it fits");
        }
    }
}
