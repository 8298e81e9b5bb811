//! The submodules of a repository, as its index and its modules folder have them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Surveyor;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::index::{self, Links, Unreadable};
use crate::sandbox::git::names;
use crate::sandbox::git::repository;

impl Surveyor<'_> {
    /// Keeps folders of submodules without a repository from getting one. Gives them.
    pub(super) fn submodules(
        &mut self,
        git_dir: &Path,
        tops: &[PathBuf],
        hash: usize,
    ) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut files = vec![git_dir.join("index")];
        while let Some(file) = files.pop() {
            let read = self.index(&file, hash);
            let links = match &*read {
                Ok(links) => links,
                Err(because) => {
                    self.close_tops(git_dir, tops, *because);
                    return found;
                }
            };
            let shared = links.shared.as_ref().map(|name| git_dir.join(name));
            files.extend(shared.filter(|shared| *shared != file && files.is_empty()));
            for folder in &links.folders {
                for top in tops {
                    let path = top.join(OsStr::from_bytes(folder));
                    if !self.goes_on() {
                        return found;
                    }
                    for inside in self.inside(&path) {
                        self.submodule(&inside);
                    }
                    found.push(path);
                }
            }
        }
        found
    }

    /// What an index names, which is read once under all its names.
    fn index(&mut self, file: &Path, hash: usize) -> Rc<Result<Links, Unreadable>> {
        let metadata = match fs::metadata(file) {
            Ok(metadata) => metadata,
            Err(error) if repository::is_missing(&error) => {
                return Rc::new(Ok(Links::default()));
            }
            Err(_) => return Rc::new(Err(Unreadable::Form)),
        };
        let identity = (metadata.dev(), metadata.ino(), hash);
        if let Some(read) = self.indexes.get(&identity) {
            return Rc::clone(read);
        }
        self.index_bytes += metadata.len();
        if self.index_bytes > self.limits.index_bytes {
            self.found.refused = Some("the indexes of its repositories are too large");
        }
        let read = match repository::index(file) {
            _ if self.found.refused.is_some() => Err(Unreadable::Form),
            Ok(bytes) if bytes.is_empty() => Ok(Links::default()),
            Ok(bytes) => index::links(&bytes, hash),
            Err(_) => Err(Unreadable::Form),
        };
        let read = Rc::new(read);
        self.indexes.insert(identity, Rc::clone(&read));
        read
    }

    /// Keeps work trees as they are whose index does not say where submodules are.
    fn close_tops(&mut self, git_dir: &Path, tops: &[PathBuf], because: Unreadable) {
        for top in tops {
            for inside in self.inside(top) {
                if inside.as_os_str().is_empty() {
                    self.found.whole =
                        Some(format!("the index in {} {because}", git_dir.display()));
                } else {
                    self.mark(inside.clone(), Kind::ReadOnly);
                    self.found.closed.insert(inside);
                }
            }
            if self.real.starts_with(names::plain(top)) {
                self.found.whole = Some(format!("the index in {} {because}", git_dir.display()));
            }
        }
    }
}
