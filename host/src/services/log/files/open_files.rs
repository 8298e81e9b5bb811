//! The files that are open, so many at most, and how lines get into them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, Write as _};
use std::num::{NonZeroU64, NonZeroUsize};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::time::{Duration, Instant};

use super::folder::{Folder, FolderError};
use super::log_folder::LogFolder;
use super::name::{Day, FileName};

/// Which file a line goes to, but for its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct FileKey {
    pub(super) place: LogFolder,
    pub(super) day: Day,
}

/// The open files.
pub(super) struct OpenFiles {
    files: HashMap<FileKey, OpenFile>,
    most: NonZeroUsize,
    rotate_bytes: u64,
}

struct OpenFile {
    file: File,
    name: FileName,
    used: Instant,
}

/// How long a file stays open that nothing is written to.
const IDLE: Duration = Duration::from_secs(60);

impl OpenFiles {
    pub(super) fn new(most: NonZeroUsize, rotate_bytes: NonZeroU64) -> Self {
        Self {
            files: HashMap::new(),
            most,
            rotate_bytes: rotate_bytes.get(),
        }
    }

    /// Appends whole lines, and returns whether a new file was begun for their number.
    /// An error comes with how many bytes were written nevertheless.
    pub(super) fn append(
        &mut self,
        root: &Folder,
        key: &FileKey,
        text: &str,
    ) -> Result<bool, (usize, FolderError)> {
        let limit = self.rotate_bytes;
        let mut written = 0;
        let mut rotated = false;
        while let Some(rest) = text.get(written..).filter(|rest| !rest.is_empty()) {
            let open = self.file(root, key, 0).map_err(|error| (written, error))?;
            let Some(size) = open.size().map_err(|error| (written, error))? else {
                // It was removed: what is written to it, nobody would read.
                self.files.remove(key);
                continue;
            };
            let fitting = fitting(rest, size, limit);
            if fitting.is_empty() {
                let full = open.name;
                self.files.remove(key);
                let next = full.number.checked_add(1);
                next.ok_or_else(|| FolderError::Numbers(full.to_string()))
                    .and_then(|next| self.file(root, key, next))
                    .map_err(|error| (written, error))?;
                rotated = true;
                continue;
            }
            if let Err((more, error)) = write(&mut open.file, fitting.as_bytes()) {
                let name = open.name.to_string();
                // Opened again, it shows whether a line was cut off.
                self.files.remove(key);
                return Err((written + more, FolderError::Write(name, error)));
            }
            written += fitting.len();
        }
        Ok(rotated)
    }

    /// Closes what was not used for a while.
    pub(super) fn close_idle(&mut self) {
        self.files.retain(|_, open| open.used.elapsed() < IDLE);
    }

    pub(super) fn close_all(&mut self) {
        self.files.clear();
    }

    /// The open file, or else the day's newest one, of this number at least.
    fn file(
        &mut self,
        root: &Folder,
        key: &FileKey,
        least: u32,
    ) -> Result<&mut OpenFile, FolderError> {
        if !self.files.contains_key(key) && self.files.len() >= self.most.get() {
            let oldest = self.files.iter().min_by_key(|(_, open)| open.used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.files.remove(&oldest);
            }
        }
        let open = match self.files.entry(key.clone()) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(place) => place.insert(open(root, key, least)?),
        };
        open.used = Instant::now();
        Ok(open)
    }
}

fn open(root: &Folder, key: &FileKey, least: u32) -> Result<OpenFile, FolderError> {
    // A folder that became empty may be removed while it is found.
    for _ in 0..3 {
        match open_once(root, key, least) {
            Err(FolderError::Open(_, error)) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
    }
    open_once(root, key, least)
}

fn open_once(root: &Folder, key: &FileKey, least: u32) -> Result<OpenFile, FolderError> {
    let folders = key.place.folders();
    let mut names = folders.iter();
    let first = names.next().map(AsRef::as_ref).unwrap_or_default();
    let mut folder = root.make(first)?;
    for name in names {
        folder = folder.make(name)?;
    }
    let there = folder
        .names()
        .map_err(|error| FolderError::List(folders.join("/"), error))?;
    let numbers = there
        .iter()
        .filter_map(|name| FileName::parse(name))
        .filter(|name| name.day == key.day)
        .map(|name| name.number);
    let name = FileName {
        day: key.day,
        number: numbers.max().unwrap_or_default().max(least),
    };
    let mut file = folder.append_to(&name.to_string())?;
    end_last_line(&mut file).map_err(|error| FolderError::Write(name.to_string(), error))?;
    Ok(OpenFile {
        file,
        name,
        used: Instant::now(),
    })
}

/// Ends a line that was cut off by a full disk or by a crash, so that the next
/// one stands by itself.
fn end_last_line(file: &mut File) -> io::Result<()> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else {
        return Ok(());
    };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    if byte == *b"\n" {
        return Ok(());
    }
    file.write_all(b"\n")
}

/// The first lines of a text that a file of this size has room for; at least one
/// if it is empty.
fn fitting(text: &str, size: u64, limit: u64) -> &str {
    let room = usize::try_from(limit.saturating_sub(size)).unwrap_or(usize::MAX);
    if text.len() <= room {
        return text;
    }
    let whole = text.as_bytes().get(..room).unwrap_or_default();
    let end = match whole.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => last + 1,
        None if size == 0 => text.find('\n').map_or(text.len(), |first| first + 1),
        None => 0,
    };
    text.get(..end).unwrap_or_default()
}

/// Writes everything, or returns how much of it was written.
fn write(file: &mut File, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write(rest) {
            Ok(0) => return Err((written, io::ErrorKind::WriteZero.into())),
            Ok(more) => written += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((written, error)),
        }
    }
    Ok(())
}

impl OpenFile {
    /// The file's size, which other hosts add to as well; `None` when it was
    /// removed.
    fn size(&self) -> Result<Option<u64>, FolderError> {
        let metadata = self
            .file
            .metadata()
            .map_err(|error| FolderError::Write(self.name.to_string(), error))?;
        Ok((metadata.nlink() > 0).then_some(metadata.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_put_into_a_file() {
        for (text, size, expected) in [
            ("one\ntwo\n", 0, "one\ntwo\n"),
            ("one\ntwo\n", 2, "one\ntwo\n"),
            ("one\ntwo\n", 3, "one\n"),
            ("one\ntwo\n", 6, "one\n"),
            ("one\ntwo\n", 7, ""),
            ("one\ntwo\n", 1000, ""),
            // One that fits nowhere has a file of its own.
            ("much too long\ntwo\n", 0, "much too long\n"),
            ("much too long\ntwo\n", 1, ""),
        ] {
            assert_eq!(fitting(text, size, 10), expected, "{text:?} after {size}");
        }
    }
}
