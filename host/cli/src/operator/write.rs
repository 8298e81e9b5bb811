//! Changes the operator's file on disk: a link to it, its mode, its owner and its other
//! attributes stay, and no change by somebody else is lost.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, FallocateFlags, XattrFlags, accessat, fallocate};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use super::edit::EditError;
use super::file::refuse_foreign;
use super::lock::{Lock, LockError};
use crate::failure::Failure;
use crate::foreign;
use crate::kept::{is_kept, replaceable_in};
use crate::way::Way;

/// How often a change is made again because somebody else has changed the file meanwhile.
const ATTEMPTS: u32 = 8;

/// Attributes that decide who may read a file, and those of the user.
const ATTRIBUTES: [&str; 3] = ["system.posix_acl_access", "security.selinux", "user."];

/// Why the file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error(transparent)]
    Edit(#[from] EditError),
    /// It is not believed.
    #[error("{}", .0.message())]
    Foreign(Box<Failure>),
    /// Others could have it written elsewhere.
    #[error("others can write {}, and so replace what leads to it", .0.display())]
    Replaceable(PathBuf),
    #[error("it is read-only (mode {:04o})", .0 & 0o7777)]
    ReadOnly(u32),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("other programs keep changing it")]
    Changing,
    /// The file, or the folder that it is in.
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

impl WriteError {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }
}

/// Changes the text of the file at `path`, which is missing at first perhaps. Readers see
/// either the old text or the new one, where the folder can be written. Returns where it lies.
pub(super) fn change(
    path: &Path,
    edit: impl Fn(&str) -> Result<String, EditError>,
) -> Result<(), WriteError> {
    let way = Way::of(path);
    let real = way.end.clone();
    for place in way.places() {
        if place.symlink_metadata().is_ok() {
            let above = replaceable_in(&place, None).map_err(WriteError::at(&place))?;
            above.map_or(Ok(()), |folder| Err(WriteError::Replaceable(folder)))?;
            continue;
        }
        // It is made in the folder that is there.
        let mut above = place.ancestors();
        let there = above.find(|there| there.symlink_metadata().is_ok());
        if let Some(there) = there.filter(|there| !is_kept(there)) {
            return Err(WriteError::Replaceable(there.to_owned()));
        }
    }
    let folder = real.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder).map_err(WriteError::at(folder))?;
    let _alone = Lock::hold(&real)?;
    for _ in 0..ATTEMPTS {
        let before = Before::read(&real)?;
        let text = edit(&before.text)?;
        if text == before.text || before.write(&real, &text)? {
            return Ok(());
        }
    }
    Err(WriteError::Changing)
}

/// The file as it was read.
struct Before {
    text: String,
    /// `None` if there is none.
    data: Option<Metadata>,
}

impl Before {
    fn read(real: &Path) -> Result<Self, WriteError> {
        let data = match fs::symlink_metadata(real) {
            Ok(data) => Some(data),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(WriteError::at(real)(error)),
        };
        let text = match &data {
            None => String::new(),
            Some(data) => {
                refuse_foreign(real).map_err(|failure| WriteError::Foreign(Box::new(failure)))?;
                if data.mode() & 0o222 == 0 {
                    return Err(WriteError::ReadOnly(data.mode()));
                }
                // Whoever may only replace the file was not given it to change.
                accessat(CWD, real, Access::WRITE_OK, AtFlags::EACCESS)
                    .map_err(|error| WriteError::at(real)(error.into()))?;
                foreign::text(real).map_err(WriteError::at(real))?
            }
        };
        Ok(Self { text, data })
    }

    /// Returns whether it is still the same.
    fn is_there(&self, real: &Path) -> bool {
        let now = fs::symlink_metadata(real).ok();
        let same = |data: &Metadata| {
            (
                data.dev(),
                data.ino(),
                data.len(),
                data.mtime(),
                data.mtime_nsec(),
            )
        };
        now.as_ref().map(same) == self.data.as_ref().map(same)
    }

    /// Writes a text in its place. Returns `false` if somebody else was first.
    fn write(&self, real: &Path, text: &str) -> Result<bool, WriteError> {
        let replaced = self.replacement(real, text).and_then(|file| {
            if !self.is_there(real) {
                return Ok(false);
            }
            file.persist(real)?;
            Ok(true)
        });
        match (replaced, &self.data) {
            // The folder cannot be written, the owner cannot be kept, or something is mounted
            // there.
            (Err(error), Some(data)) if is_of_place(&error) => {
                self.write_in_place(real, data, text)
            }
            (replaced, _) => replaced,
        }
        .map_err(WriteError::at(real))
    }

    /// Makes the file that takes its place.
    fn replacement(&self, real: &Path, text: &str) -> io::Result<NamedTempFile> {
        let folder = real.parent().unwrap_or(Path::new("/"));
        let mut file = tempfile::Builder::new()
            .prefix(".boll.toml-")
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        if let Some(data) = &self.data {
            let now = file.as_file().metadata()?;
            if (now.uid(), now.gid()) != (data.uid(), data.gid()) {
                fchown(file.as_file(), Some(data.uid()), Some(data.gid()))?;
            }
            copy_attributes(real, file.as_file())?;
            file.as_file().set_permissions(data.permissions())?;
        }
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// Writes into the file itself. A disk without room for the new text leaves the old one.
    fn write_in_place(&self, real: &Path, data: &Metadata, text: &str) -> io::Result<bool> {
        let file = OpenOptions::new()
            .write(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(real)?;
        let now = file.metadata()?;
        if (now.dev(), now.ino()) != (data.dev(), data.ino()) || !self.is_there(real) {
            return Ok(false);
        }
        let length = text.len() as u64;
        match fallocate(&file, FallocateFlags::KEEP_SIZE, 0, length.max(1)) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
            Err(error) => return Err(error.into()),
        }
        let put = |text: &str| {
            file.write_all_at(text.as_bytes(), 0)?;
            file.set_len(text.len() as u64)?;
            file.sync_all()
        };
        if let Err(error) = put(text) {
            // Where this fails as well, the error tells of a file to look at.
            put(&self.text)?;
            return Err(error);
        }
        Ok(true)
    }
}

/// Returns whether an error comes from where the file lies, and not from what it is.
fn is_of_place(error: &io::Error) -> bool {
    use ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    let kinds = [
        CrossesDevices,
        PermissionDenied,
        ReadOnlyFilesystem,
        ResourceBusy,
    ];
    kinds.contains(&error.kind())
}

/// Gives a file the access control list and the like of the one at a path.
fn copy_attributes(from: &Path, to: &File) -> io::Result<()> {
    let mut names = vec![0; 64 << 10];
    let length = match rustix::fs::llistxattr(from, &mut names[..]) {
        Ok(length) => length,
        Err(Errno::NOTSUP) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let names = names[..length].split(|byte| *byte == 0);
    for name in names.filter_map(|name| str::from_utf8(name).ok()) {
        if !ATTRIBUTES.iter().any(|kind| name.starts_with(kind)) {
            continue;
        }
        let mut value = vec![0; 64 << 10];
        let length = rustix::fs::lgetxattr(from, name, &mut value[..])?;
        rustix::fs::fsetxattr(to, name, &value[..length], XattrFlags::empty())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
