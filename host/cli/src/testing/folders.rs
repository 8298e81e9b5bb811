//! The folders of one case: a workspace and what else the capsule asks for, all
//! copies that are removed afterwards.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use boll_host::capsule::Manifest;
use boll_host::policy::{AbsolutePath, Confinement, Grant, GrantSet, InvalidPath, Permissions};
use rustix::fs::FileType;

use super::case::Case;
use crate::beneath::Beneath;
use crate::cases::scratch::Scratch;

/// The most that the folders of one case are copies of: bytes, entries, and folders in
/// each other.
const BYTES: u64 = 256 << 20;
const ENTRIES: usize = 50_000;
const DEPTH: usize = 64;

/// The folders of one case.
pub(super) struct Folders(Scratch);

impl Folders {
    /// Makes those that the case needs, of folders of the capsule's. What is copied may
    /// hold links: none is followed here, and none leads out of the case's folders.
    pub(super) fn make(case: &Case, manifest: &Manifest, capsule: &Beneath) -> io::Result<Self> {
        let folders = Self(Scratch::make()?);
        let own = folders.0.open();
        let mut copies = Copies::default();
        let workspace = own.make_folders(Path::new(WORKSPACE))?;
        if let Some(fixture) = &case.workspace {
            copies.folder(&capsule.folder(fixture)?, &workspace, DEPTH)?;
        }
        for request in &manifest.requests.files {
            let folder = own.make_folders(&place(&request.path))?;
            if let Some(fixture) = case.files.get(&request.path) {
                copies.folder(&capsule.folder(fixture)?, &folder, DEPTH)?;
            }
        }
        Ok(folders)
    }

    pub(super) fn workspace(&self) -> PathBuf {
        self.0.path().join(WORKSPACE)
    }

    /// Returns the folder for the host's records of what was installed.
    pub(super) fn records(&self) -> PathBuf {
        self.0.path().join("installed")
    }

    /// Returns the grants of the capsule: those of the case, or else all that the
    /// manifest asks for. Folders are the case's own, and none of the machine's.
    pub(super) fn grants(&self, case: &Case, manifest: &Manifest) -> Result<GrantSet, InvalidPath> {
        let granted = case.grants.clone().unwrap_or_else(|| {
            let nothing = GrantSet::default();
            Permissions::new(&manifest.requests, &nothing).missing(Confinement::Sandboxed)
        });
        granted.into_iter().map(|grant| self.moved(grant)).collect()
    }

    fn moved(&self, grant: Grant) -> Result<Grant, InvalidPath> {
        Ok(match grant {
            Grant::Files(mut files) if files.path.in_workspace().is_none() => {
                let place = self.0.path().join(place(&files.path));
                files.at = Some(AbsolutePath::try_from(place.display().to_string())?);
                Grant::Files(files)
            }
            grant => grant,
        })
    }
}

/// The name of `.git` in a fixture: no repository can contain another one's.
const GIT: &str = "dot-git";

/// The workspace among the folders of a case.
const WORKSPACE: &str = "workspace";

/// Returns the place of a requested folder among the folders of the case.
fn place(path: &AbsolutePath) -> PathBuf {
    match path.in_workspace() {
        Some(inside) => Path::new(WORKSPACE).join(inside),
        None => Path::new("files").join(&path.as_str()[1..]),
    }
}

/// Copies folders, as much as one case may have.
struct Copies {
    bytes: u64,
    entries: usize,
}

impl Default for Copies {
    fn default() -> Self {
        Self {
            bytes: BYTES,
            entries: ENTRIES,
        }
    }
}

impl Copies {
    /// Copies what is in a folder. Links are copied as links.
    fn folder(&mut self, from: &Beneath, to: &Beneath, depth: usize) -> io::Result<()> {
        let deeper = depth.checked_sub(1);
        let deeper = deeper.ok_or_else(|| too_much(format!("{DEPTH} folders in each other")))?;
        let entries = || too_much(format!("{ENTRIES} entries"));
        for name in from.names(ENTRIES)? {
            self.entries = self.entries.checked_sub(1).ok_or_else(entries)?;
            let copy = if name == GIT {
                ".git".into()
            } else {
                name.clone()
            };
            match from.kind(&name)? {
                FileType::Directory => {
                    let copy = to.make_folders(Path::new(&copy))?;
                    self.folder(&from.folder(Path::new(&name))?, &copy, deeper)?;
                }
                FileType::Symlink => to.make_link(&copy, &from.target(&name)?)?,
                FileType::RegularFile => self.file(from, &name, to, &copy)?,
                _ => {
                    let name = Path::new(&name).display();
                    let text = format!("{name} is neither a file nor a folder");
                    return Err(io::Error::other(text));
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, from: &Beneath, name: &OsStr, to: &Beneath, copy: &OsStr) -> io::Result<()> {
        let file = from.file(Path::new(name))?;
        let bytes = || too_much(format!("{} MiB", BYTES >> 20));
        let data = file.metadata()?;
        if data.len() > self.bytes {
            return Err(bytes());
        }
        let mut made = to.make_file(Path::new(copy))?;
        // It may grow while it is copied.
        let copied = io::copy(&mut file.take(self.bytes + 1), &mut made)?;
        self.bytes = self.bytes.checked_sub(copied).ok_or_else(bytes)?;
        made.set_permissions(fs::Permissions::from_mode(
            data.permissions().mode() & 0o777,
        ))
    }
}

fn too_much(limit: String) -> io::Error {
    io::Error::other(format!("what they are copies of has more than {limit}"))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A folder to copy, the folder of a copy, and both open.
    fn folders() -> (TempDir, Beneath, Beneath) {
        let all = tempfile::tempdir().expect("a folder");
        let made = |name: &str| {
            let path = all.path().join(name);
            fs::create_dir(&path).expect("a folder");
            Beneath::open(&path).expect("it opens")
        };
        let (from, to) = (made("from"), made("to"));
        (all, from, to)
    }

    fn copied(from: &Beneath, to: &Beneath) -> io::Result<()> {
        Copies::default().folder(from, to, DEPTH)
    }

    #[test]
    fn a_copy_has_files_folders_links_and_permissions() {
        let (all, from, to) = folders();
        let at = |name: &str| all.path().join(name);
        fs::create_dir_all(at("from/a/dot-git")).expect("a folder");
        fs::write(at("from/a/file"), "x").expect("a file");
        fs::set_permissions(at("from/a/file"), fs::Permissions::from_mode(0o6755)).expect("set");
        symlink("/nowhere", at("from/link")).expect("a link");
        copied(&from, &to).expect("copied");
        assert_eq!(fs::read_to_string(at("to/a/file")).expect("it"), "x");
        let data = fs::metadata(at("to/a/file")).expect("it");
        assert_eq!(data.permissions().mode() & 0o7777, 0o755);
        assert!(at("to/a/.git").is_dir());
        let link = fs::read_link(at("to/link")).expect("a link");
        assert_eq!(link, Path::new("/nowhere"));
    }

    #[test]
    fn no_link_of_what_is_copied_leads_a_copy_elsewhere() {
        for kind in ["file", "folder"] {
            let (all, from, to) = folders();
            let at = |name: &str| all.path().join(name);
            fs::create_dir(at("victim")).expect("a folder");
            fs::write(at("victim/file"), "before").expect("a file");
            // One of them becomes `.git` in the place of the other.
            if kind == "file" {
                symlink(at("victim/file"), at("from/.git")).expect("a link");
                fs::write(at("from/dot-git"), "x").expect("a file");
            } else {
                symlink(at("victim"), at("from/.git")).expect("a link");
                fs::create_dir(at("from/dot-git")).expect("a folder");
                fs::write(at("from/dot-git/file"), "x").expect("a file");
            }
            let both = copied(&from, &to);
            // In whatever order they come.
            let _ = both;
            let text = fs::read_to_string(at("victim/file")).expect("it");
            assert_eq!(text, "before", "{kind}");
        }
    }

    #[test]
    fn what_is_copied_has_limits() {
        let (all, from, to) = folders();
        let large = File::create(all.path().join("from/large")).expect("a file");
        large.set_len(20 << 30).expect("a size");
        let error = copied(&from, &to).expect_err("too large").to_string();
        assert!(error.contains("more than 256 MiB"), "{error}");
        let (all, from, to) = folders();
        fs::create_dir_all(all.path().join("from").join("a/".repeat(65))).expect("folders");
        let error = copied(&from, &to).expect_err("too deep").to_string();
        assert!(error.contains("64 folders in each other"), "{error}");
        let (all, from, to) = folders();
        for name in ["a", "b", "c"] {
            fs::write(all.path().join("from").join(name), "x").expect("a file");
        }
        let mut copies = Copies {
            bytes: 3,
            entries: 2,
        };
        let error = copies.folder(&from, &to, DEPTH).expect_err("too many");
        assert!(error.to_string().contains("50000 entries"), "{error}");
    }
}
