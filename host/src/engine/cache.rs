//! Compiled components on disk.
//!
//! Loading a compiled component runs its machine code, so only this user may have write
//! access to the folder, and a file is loaded only if its digest matches the one stored
//! next to it. A file that fails the check is compiled again.

use std::fs::{self, File};
use std::hash::{Hash as _, Hasher};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::Digest;
use crate::hard_links::has_other_names;

/// A folder of compiled components, keyed by the component's digest and the
/// engine's settings. It has a bound: what was used last goes last.
#[derive(Debug)]
pub struct ComponentCache {
    folder: PathBuf,
    bound: u64,
}

/// One compiled component in a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachedComponent {
    /// Its file.
    pub path: PathBuf,
    /// Its size, in bytes.
    pub bytes: u64,
    /// When it was last loaded or written.
    pub used: SystemTime,
}

/// Why a folder cannot be used as a cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// It cannot be created or read.
    #[error("the cache folder {} cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// Other users could put code there.
    #[error(
        "the cache folder {} can be written by others: `chmod go-w` it, or choose another", .0.display()
    )]
    Writable(PathBuf),
    /// It belongs to another user.
    #[error("the cache folder {} belongs to another user: choose another folder", .0.display())]
    Foreign(PathBuf),
}

impl ComponentCache {
    /// Uses a folder, and creates it with mode 0700 if it is missing.
    ///
    /// # Errors
    ///
    /// The folder cannot be created, belongs to another user, or can be written by
    /// others.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let folder = folder.into();
        let failed = |error| CacheError::Folder(folder.clone(), error);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(failed)?;
        let metadata = fs::metadata(&folder).map_err(failed)?;
        if metadata.uid() != nix::unistd::geteuid().as_raw() {
            return Err(CacheError::Foreign(folder));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(CacheError::Writable(folder));
        }
        Ok(Self {
            folder,
            bound: Self::BOUND,
        })
    }

    /// The bytes that a cache holds at most by default: 4 GiB.
    pub const BOUND: u64 = 4 << 30;

    /// Sets how many bytes it holds at most. It is kept when a component is stored; the one
    /// that was just stored stays.
    #[must_use]
    pub fn bound(mut self, bytes: u64) -> Self {
        self.bound = bytes;
        self
    }

    /// Returns the compiled components, the last used first.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn components(&self) -> io::Result<Vec<CachedComponent>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|end| end != CODE) {
                continue;
            }
            // Another host may remove it meanwhile.
            let Ok(data) = fs::symlink_metadata(&path) else {
                continue;
            };
            let used = data.accessed()?.max(data.modified()?);
            found.push(CachedComponent {
                path,
                bytes: data.len(),
                used,
            });
        }
        found.sort_by(|one, other| other.used.cmp(&one.used).then(one.path.cmp(&other.path)));
        Ok(found)
    }

    /// Removes all compiled components. Hosts that run them are not affected.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or a file cannot be removed.
    pub fn clear(&self) -> io::Result<Vec<CachedComponent>> {
        let components = self.components()?;
        components.iter().try_for_each(remove)?;
        Ok(components)
    }

    /// Removes what was not used for longest until the rest is within the bound. The
    /// component at `kept` stays.
    fn keep_bound(&self, kept: &Path) -> io::Result<()> {
        let mut held = 0_u64;
        for component in self.components()? {
            held = held.saturating_add(component.bytes);
            if held > self.bound && component.path != kept {
                held -= component.bytes;
                remove(&component)?;
                tracing::info!(
                    file = %component.path.display(),
                    bytes = component.bytes,
                    "a compiled component that was not used for long is removed from the cache"
                );
            }
        }
        Ok(())
    }

    /// Returns the compiled component, if it is there and intact.
    pub(super) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let path = self.path(engine, digest);
        match load(engine, &path) {
            Ok(component) => {
                // Readers of a file do not mark it everywhere (`noatime`).
                let now = fs::FileTimes::new().set_accessed(SystemTime::now());
                let marked = File::open(&path).and_then(|file| file.set_times(now));
                if let Err(error) = marked {
                    tracing::debug!(%error, file = %path.display(), "its use is not noted");
                }
                Some(component)
            }
            Err(LoadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(%error, file = %path.display(), "compiled component not used");
                None
            }
        }
    }

    /// Stores a compiled component. A failure only makes the next start slower, so it is
    /// logged and not returned.
    pub(super) fn store(&self, engine: &Engine, digest: Digest, component: &Component) {
        let path = self.path(engine, digest);
        if let Err(error) = self.write(&path, component) {
            tracing::warn!(%error, folder = %self.folder.display(), "compiled component not kept");
        }
        if let Err(error) = self.keep_bound(&path) {
            tracing::warn!(%error, folder = %self.folder.display(), "the cache's bound is not kept");
        }
    }

    /// Returns the path of a component's compiled form, for an engine with these
    /// settings.
    fn path(&self, engine: &Engine, digest: Digest) -> PathBuf {
        let mut key = KeyHasher(blake3::Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut key);
        key.0.update(digest.as_bytes());
        self.folder
            .join(format!("{}.{CODE}", key.0.finalize().to_hex()))
    }

    fn write(&self, path: &Path, component: &Component) -> Result<(), LoadError> {
        let code = component.serialize().map_err(LoadError::Code)?;
        // Renaming makes each file appear whole. Two hosts at the same time write the
        // same content; a reader between the two renames compiles the component again.
        self.replace(&digest_path(path), blake3::hash(&code).to_hex().as_bytes())?;
        self.replace(path, &code)?;
        Ok(())
    }

    fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(content)?;
        file.persist(path)?;
        Ok(())
    }
}

/// Computes a digest of a value that only implements `Hash`.
struct KeyHasher(blake3::Hasher);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("its digest does not match the one stored next to it")]
    Digest,
    #[error("it has another hard link, through which others may write it")]
    Linked,
    #[error("{0}")]
    Code(wasmtime::Error),
}

fn load(engine: &Engine, path: &Path) -> Result<Component, LoadError> {
    let mut file = File::open(path)?;
    let mut digest = File::open(digest_path(path))?;
    let linked = has_other_names(path, &file.metadata()?);
    if linked || has_other_names(&digest_path(path), &digest.metadata()?) {
        return Err(LoadError::Linked);
    }
    let mut noted = String::new();
    digest.read_to_string(&mut noted)?;
    if hash(&mut file)?.to_hex().as_str() != noted {
        return Err(LoadError::Digest);
    }
    // By descriptor: this loads the file that was hashed, whatever the path leads to by
    // now.
    let checked = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the file was made by `Component::serialize` under a key of this engine's
    // settings, in a folder that only this user can write, and its content has not
    // changed since.
    #[allow(unsafe_code)]
    unsafe { Component::deserialize_file(engine, checked) }.map_err(LoadError::Code)
}

fn hash(file: &mut File) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 128 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finalize());
        }
        hasher.update(&buffer[..read]);
    }
}

/// The end of the names of compiled components.
const CODE: &str = "cwasm";

/// Removes a component and its digest.
fn remove(component: &CachedComponent) -> io::Result<()> {
    for path in [&component.path, &digest_path(&component.path)] {
        match fs::remove_file(path) {
            // By another host.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}

fn digest_path(path: &Path) -> PathBuf {
    path.with_extension("b3")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn component(engine: &Engine) -> Component {
        Component::from_binary(engine, b"\0asm\x0d\0\x01\0").expect("the empty component")
    }

    #[test]
    fn a_kept_component_is_found_again() {
        let folder = folder();
        let cache = ComponentCache::open(folder.path()).expect("a cache");
        let engine = Engine::default();
        let digest = Digest::of(b"x");
        assert!(cache.load(&engine, digest).is_none());
        cache.store(&engine, digest, &component(&engine));
        assert!(cache.load(&engine, digest).is_some());
        assert!(cache.load(&engine, Digest::of(b"y")).is_none());
    }

    #[test]
    fn other_settings_are_another_key() {
        let folder = folder();
        let cache = ComponentCache::open(folder.path()).expect("a cache");
        let engine = Engine::default();
        let digest = Digest::of(b"x");
        cache.store(&engine, digest, &component(&engine));
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        let other = Engine::new(&config).expect("an engine");
        assert!(cache.load(&other, digest).is_none());
    }

    #[test]
    fn a_changed_file_is_not_loaded() {
        let folder = folder();
        let cache = ComponentCache::open(folder.path()).expect("a cache");
        let engine = Engine::default();
        let digest = Digest::of(b"x");
        cache.store(&engine, digest, &component(&engine));
        let path = cache.path(&engine, digest);
        let mut code = fs::read(&path).expect("the file");
        let last = code.len() - 1;
        code[last] ^= 1;
        fs::write(&path, code).expect("written");
        assert!(matches!(load(&engine, &path), Err(LoadError::Digest)));
        assert!(cache.load(&engine, digest).is_none());
    }

    #[test]
    fn a_file_with_another_name_is_not_loaded() {
        let folder = folder();
        let cache = ComponentCache::open(folder.path()).expect("a cache");
        let engine = Engine::default();
        let digest = Digest::of(b"x");
        let path = cache.path(&engine, digest);
        for linked in [path.clone(), digest_path(&path)] {
            cache.store(&engine, digest, &component(&engine));
            assert!(cache.load(&engine, digest).is_some());
            fs::hard_link(linked, folder.path().join("other")).expect("a link");
            assert!(matches!(load(&engine, &path), Err(LoadError::Linked)));
            fs::remove_file(folder.path().join("other")).expect("removed");
        }
        assert!(cache.load(&engine, digest).is_some());
    }

    #[test]
    fn what_was_used_last_goes_last_and_clearing_removes_all() {
        let folder = folder();
        let cache = ComponentCache::open(folder.path()).expect("a cache");
        let engine = Engine::default();
        let one = component(&engine);
        let [first, second, third] = [b"1", b"2", b"3"].map(|text| Digest::of(text));
        let age = |digest, seconds| {
            let file = File::open(cache.path(&engine, digest)).expect("it is there");
            let then = SystemTime::now() - std::time::Duration::from_secs(seconds);
            let times = fs::FileTimes::new().set_accessed(then).set_modified(then);
            file.set_times(times).expect("set");
        };
        cache.store(&engine, first, &one);
        cache.store(&engine, second, &one);
        age(first, 200);
        age(second, 100);
        // It is used, and is the last from now on.
        assert!(cache.load(&engine, first).is_some());
        let bytes = cache.components().expect("readable")[0].bytes;

        let bounded = ComponentCache::open(folder.path()).expect("a cache");
        let bounded = bounded.bound(2 * bytes);
        bounded.store(&engine, third, &one);
        let kept = [first, second, third].map(|digest| cache.load(&engine, digest).is_some());
        assert_eq!(kept, [true, false, true]);
        // Less than one: what was just stored stays all the same.
        bounded.bound(1).store(&engine, second, &one);
        assert_eq!(cache.components().expect("readable").len(), 1);
        assert!(cache.load(&engine, second).is_some());

        assert_eq!(cache.clear().expect("cleared").len(), 1);
        assert_eq!(cache.components().expect("readable"), []);
        let left = fs::read_dir(folder.path()).expect("readable");
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn a_folder_that_others_can_write_is_refused() {
        let folder = folder();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("chmod");
        assert!(matches!(
            ComponentCache::open(folder.path()),
            Err(CacheError::Writable(_))
        ));
    }
}
