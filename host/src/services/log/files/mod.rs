//! A sink that writes files: one for each principal, capsule and day, as JSON
//! lines, in a folder of its own.
//!
//! It rotates by the lines' own day and by size, and removes what is too old or
//! too much. What it cannot write it counts, and says the count in the log as
//! soon as it can write again. It never follows a link below its folder, never
//! makes a folder for a principal that is not admitted, and never removes what
//! does not have the name and the place of a file of its own.

mod folder;
mod log_folder;
mod losses;
mod name;
mod open_files;
mod retention;
mod settings;

use std::path::PathBuf;
use std::sync::Arc;

use self::folder::Root;
use self::log_folder::LogFolder;
use self::losses::Losses;
use self::name::Day;
use self::open_files::{FileKey, OpenFiles};
use self::retention::Retention;
pub use self::settings::{FileSettings, LogRetention};
use super::{JsonFormat, LineFormat, LogLine, LogSink, Origin};

/// Writes lines into files, one for each principal, capsule and day.
///
/// ```
/// use boll_host::Runtime;
/// use boll_host::services::log::{FileSettings, FileSink};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("logs");
/// let files = FileSink::open(folder, FileSettings::default())?
///     .admitting(|principal| principal == "ann");
/// let runtime = Runtime::builder().log_sink(files).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileSink {
    root: Root,
    admits: Box<dyn Fn(&str) -> bool + Send>,
    files: OpenFiles,
    losses: Losses,
    batch: Vec<Pending>,
    retention: Retention,
}

/// Why there can be no files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileSinkError {
    /// The folder cannot be made or opened, or others can write it.
    #[error("cannot keep logs in {}", .0.display())]
    Folder(PathBuf, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// The thread that removes old files cannot be started.
    #[error("cannot start the thread that removes old log files")]
    Thread(#[source] std::io::Error),
}

/// Lines of one file that are not written yet.
struct Pending {
    key: FileKey,
    /// Of the first of them.
    origin: Option<Arc<Origin>>,
    text: String,
}

/// How much text waits for one write at most, in bytes, but for the last line.
const CHUNK: usize = 256 << 10;

impl FileSink {
    /// Opens the folder, makes it where it is not there, and removes files that
    /// are to be kept no longer. Nobody is admitted at first: the lines of all
    /// principals go to the file `unadmitted`. Blocks.
    ///
    /// # Errors
    ///
    /// The folder cannot be made or opened, it belongs to another user, or
    /// others can write it.
    pub fn open(folder: impl Into<PathBuf>, settings: FileSettings) -> Result<Self, FileSinkError> {
        let path = folder.into();
        let root = Root::open(&path)
            .map_err(|error| FileSinkError::Folder(path.clone(), Box::new(error)))?;
        let retention = Retention::start(path, settings.keep, settings.sweep_every)
            .map_err(FileSinkError::Thread)?;
        Ok(Self {
            root,
            admits: Box::new(|_| false),
            files: OpenFiles::new(settings.open_files, settings.rotate_bytes),
            losses: Losses::default(),
            batch: Vec::new(),
            retention,
        })
    }

    /// Which principals get a folder of their own. Asked for each batch of lines,
    /// so that the answer may change.
    #[must_use]
    pub fn admitting(mut self, admits: impl Fn(&str) -> bool + Send + 'static) -> Self {
        self.admits = Box::new(admits);
        self
    }

    /// Where among the batch a line goes.
    fn pending(&mut self, line: &LogLine) -> usize {
        let key = FileKey {
            place: LogFolder::of(line.origin.as_deref(), &*self.admits),
            day: Day::of(line.time),
        };
        if let Some(at) = self.batch.iter().position(|pending| pending.key == key) {
            return at;
        }
        self.batch.push(Pending {
            key,
            origin: line.origin.clone(),
            text: String::new(),
        });
        self.batch.len() - 1
    }

    fn write_out(&mut self, at: usize) {
        let Some(Pending { key, origin, text }) = self.batch.get_mut(at) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        let text = std::mem::take(text);
        let (key, origin) = (key.clone(), origin.clone());
        let lost = if self.tell_losses(&key.place) {
            self.append(&key, &text).err()
        } else {
            Some(text.lines().count() as u64)
        };
        if let Some(lines) = lost {
            self.losses.add(&key.place, origin.as_deref(), lines);
        }
        if let Some(Pending { text: room, .. }) = self.batch.get_mut(at) {
            // Its memory serves again.
            *room = text;
            room.clear();
        }
    }

    /// Appends whole lines. An error is how many of them are lost; what led to
    /// it has been said.
    fn append(&mut self, key: &FileKey, text: &str) -> Result<(), u64> {
        let lines = |text: &str| text.lines().count() as u64;
        let root = match self.root.folder() {
            Ok(root) => root,
            Err(error) => {
                self.losses.explain(&error);
                return Err(lines(text));
            }
        };
        match self.files.append(root, key, text) {
            Ok(rotated) => {
                if rotated {
                    self.retention.nudge();
                }
                Ok(())
            }
            Err((written, error)) => {
                self.losses.explain(&error);
                Err(lines(text.get(written..).unwrap_or_default()))
            }
        }
    }

    /// Says in a place how many of its lines were lost. Whether there is nothing
    /// left to say.
    fn tell_losses(&mut self, place: &LogFolder) -> bool {
        let Some(note) = self.losses.note(place) else {
            return true;
        };
        let key = FileKey {
            place: place.clone(),
            day: Day::of(note.time),
        };
        let mut text = String::new();
        write_line(&note, &mut text);
        let told = self.append(&key, &text).is_ok();
        if told {
            self.losses.told(place);
        }
        told
    }
}

impl LogSink for FileSink {
    fn write(&mut self, lines: &[LogLine]) {
        self.batch.clear();
        let mut before: Option<(&LogLine, usize)> = None;
        for line in lines {
            let at = match before {
                Some((other, at)) if goes_with(line, other) => at,
                _ => self.pending(line),
            };
            before = Some((line, at));
            let Some(pending) = self.batch.get_mut(at) else {
                continue;
            };
            write_line(line, &mut pending.text);
            if pending.text.len() >= CHUNK {
                self.write_out(at);
            }
        }
        for at in 0..self.batch.len() {
            self.write_out(at);
        }
    }

    fn tick(&mut self) {
        if self.root.was_replaced() {
            self.files.close_all();
        }
        self.files.close_idle();
        // The first that cannot be told yet stands for all.
        while let Some(place) = self.losses.first() {
            if !self.tell_losses(&place) {
                break;
            }
        }
    }
}

/// Whether two lines go to the same file, as far as that is seen at a glance.
fn goes_with(line: &LogLine, other: &LogLine) -> bool {
    let same_origin = match (&line.origin, &other.origin) {
        (Some(one), Some(two)) => Arc::ptr_eq(one, two),
        (None, None) => true,
        _ => false,
    };
    same_origin && Day::of(line.time) == Day::of(other.time)
}

fn write_line(line: &LogLine, out: &mut String) {
    JsonFormat.format(line, out);
    out.push('\n');
}

#[cfg(test)]
mod tests;
