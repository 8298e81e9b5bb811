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

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::Digest;
use crate::hard_links::has_other_names;

/// A folder of compiled components, keyed by the component's digest and the
/// engine's settings.
#[derive(Debug)]
pub struct ComponentCache {
    folder: PathBuf,
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
        Ok(Self { folder })
    }

    /// Returns the compiled component, if it is there and intact.
    pub(super) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let path = self.path(engine, digest);
        match load(engine, &path) {
            Ok(component) => Some(component),
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
        if let Err(error) = self.write(&self.path(engine, digest), component) {
            tracing::warn!(%error, folder = %self.folder.display(), "compiled component not kept");
        }
    }

    /// Returns the path of a component's compiled form, for an engine with these
    /// settings.
    fn path(&self, engine: &Engine, digest: Digest) -> PathBuf {
        let mut key = KeyHasher(blake3::Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut key);
        key.0.update(digest.as_bytes());
        self.folder
            .join(format!("{}.cwasm", key.0.finalize().to_hex()))
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
    fn a_folder_that_others_can_write_is_refused() {
        let folder = folder();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("chmod");
        assert!(matches!(
            ComponentCache::open(folder.path()),
            Err(CacheError::Writable(_))
        ));
    }
}
