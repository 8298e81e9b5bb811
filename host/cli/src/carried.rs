//! The example that the program carries: `boll demo` builds it in the user's cache, where it
//! stays for the next time.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use boll_host::Digest;
use boll_host::capsule::CapsuleId;
use tempfile::TempDir;

use crate::around::AROUND;
use crate::beneath::Beneath;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::foreign;
use crate::home::cache_folder;
use crate::kept::changeable_in;
use crate::mend::with_mend;
use crate::template;

/// The example's id, and the name of its folder.
const ID: &str = "git-report";

/// What building it makes beside its files.
const MADE: [&str; 2] = ["target", "Cargo.lock"];

/// The files by their paths in the folder.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The example's folder.
pub(crate) struct Carried {
    pub(crate) folder: PathBuf,
    /// Set where it cannot stay: it goes with this.
    _temporary: Option<TempDir>,
}

impl Carried {
    /// Returns the example in the user's cache, exactly as the program carries it; in a
    /// temporary folder where nothing can be cached.
    pub(crate) fn unpack() -> Done<Self> {
        let files = files()?;
        let cached = cache_folder().and_then(|cache| {
            let place = cache.join("demo");
            let folder = in_cache(&files, &place).or_fail(Code::Machine, || {
                with_mend(&format!("cannot write {}", place.display()), &place)
            })?;
            require_kept(&folder)?;
            Ok(folder)
        });
        match cached {
            Ok(folder) => Ok(Self {
                folder,
                _temporary: None,
            }),
            Err(failure) => {
                tracing::warn!("the example is built each time: {}", failure.message());
                Self::for_once(&files)
            }
        }
    }

    fn for_once(files: &Files) -> Done<Self> {
        let written = || {
            let temporary = tempfile::Builder::new().prefix("boll-demo-").tempdir()?;
            let folder = temporary.path().canonicalize()?.join(ID);
            write(files, &folder)?;
            Ok((folder, temporary))
        };
        let written: io::Result<_> = written();
        let (folder, temporary) =
            written.or_fail(Code::Machine, || "cannot unpack the example".to_owned())?;
        require_kept(&folder).map_err(|failure| {
            failure.hint("name a folder of your own for it, with the variable TMPDIR")
        })?;
        Ok(Self {
            folder,
            _temporary: Some(temporary),
        })
    }
}

fn files() -> Done<Files> {
    let id: CapsuleId = ID
        .parse()
        .map_err(|error| Failure::new(Code::Host, format!("the example's id is no id: {error}")))?;
    Ok(template::demo(&id))
}

/// Returns the folder of these files in the cache. Each version of them has its own.
fn in_cache(files: &Files, place: &Path) -> io::Result<PathBuf> {
    let place = place.join(version(files));
    fs::create_dir_all(&place)?;
    let place = place.canonicalize()?;
    let folder = place.join(ID);
    if is_whole(files, &folder) {
        return Ok(folder);
    }
    // Whole or not at all, as another demo at the same time finds it.
    let unfinished = tempfile::tempdir_in(&place)?;
    let new = unfinished.path().join(ID);
    write(files, &new)?;
    match fs::rename(&new, &folder) {
        Ok(()) => return Ok(folder),
        Err(_) if is_whole(files, &folder) => return Ok(folder),
        Err(_) => fs::rename(&folder, unfinished.path().join("changed"))?,
    }
    fs::rename(&new, &folder)?;
    Ok(folder)
}

/// Returns a name for exactly these files.
fn version(files: &Files) -> String {
    let mut all = Vec::new();
    for (path, content) in files {
        for part in [path.as_os_str().as_encoded_bytes(), content] {
            all.extend((part.len() as u64).to_le_bytes());
            all.extend(part);
        }
    }
    let digest = Digest::of(&all).to_string();
    digest.replace("blake3:", "")[..16].to_owned()
}

fn write(files: &Files, folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    let folder = Beneath::open(folder)?;
    for (path, content) in files {
        let above = folder.make_folders(path.parent().unwrap_or(Path::new("")))?;
        above.write(Path::new(path.file_name().unwrap_or_default()), content)?;
    }
    Ok(())
}

/// Returns whether a folder holds these files, and nothing else that a build would read.
fn is_whole(files: &Files, folder: &Path) -> bool {
    let mut left = vec![PathBuf::new()];
    let mut seen = 0;
    while let Some(inside) = left.pop() {
        let Ok(entries) = fs::read_dir(folder.join(&inside)) else {
            return false;
        };
        for entry in entries {
            let Ok(entry) = entry else { return false };
            let path = inside.join(entry.file_name());
            if MADE.iter().any(|name| path == Path::new(name)) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => left.push(path),
                Ok(kind) if kind.is_file() && has(files, &path, &entry.path()) => seen += 1,
                _ => return false,
            }
        }
    }
    seen == files.len()
}

fn has(files: &Files, path: &Path, file: &Path) -> bool {
    let Some(content) = files.get(path) else {
        return false;
    };
    foreign::bytes(file, content.len() as u64).is_ok_and(|found| found == *content)
}

/// Fails if other users can change the folder: it is built without a question.
fn require_kept(folder: &Path) -> Done {
    let found = changeable_in(folder, &AROUND).or_fail(Code::Machine, || {
        format!("cannot look through {}", folder.display())
    })?;
    match found {
        None => Ok(()),
        Some(path) => {
            let text = format!("other users can change {}", path.display());
            Err(Failure::new(Code::Machine, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_example_is_exactly_what_the_program_carries() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files().expect("the example");
        for name in [
            "Capsule.toml",
            "Cargo.toml",
            "src/lib.rs",
            "sdk/boll-sdk/src/lib.rs",
        ] {
            assert!(files.contains_key(Path::new(name)), "{name}");
        }
        let unpack = || in_cache(&files, folder.path()).expect("unpacked");
        let unpacked = unpack();
        assert!(is_whole(&files, &unpacked));
        // What a build makes stays.
        fs::create_dir(unpacked.join("target")).expect("a folder");
        fs::write(unpacked.join("Cargo.lock"), "").expect("written");
        assert_eq!(unpack(), unpacked);
        assert!(unpacked.join("target").exists());
        // Anything else is made anew.
        let changes: [fn(&Path); 5] = [
            |folder| fs::write(folder.join("build.rs"), "fn main() {}").expect("written"),
            |folder| fs::write(folder.join("src/lib.rs"), "").expect("written"),
            |folder| fs::remove_file(folder.join("Capsule.toml")).expect("removed"),
            |folder| {
                fs::create_dir(folder.join(".cargo")).expect("a folder");
                fs::write(folder.join(".cargo/config.toml"), "").expect("written");
            },
            |folder| symlink("/", folder.join("link")).expect("a link"),
        ];
        for change in changes {
            change(&unpacked);
            assert!(!is_whole(&files, &unpacked));
            assert_eq!(unpack(), unpacked);
            assert!(is_whole(&files, &unpacked) && !unpacked.join("target").exists());
            fs::create_dir(unpacked.join("target")).expect("a folder");
        }
        let version = unpacked.parent().expect("a folder");
        assert_eq!(
            fs::read_dir(version).expect("it").count(),
            1,
            "nothing is left beside it"
        );
    }
}
