//! The suite as one archive: packed, and unpacked when it is what its index says.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Component, Path};

use boll_host::Digest;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};

use super::protocol::VERSION;
use super::suite::{CASES, COMPONENT, EXEMPTIONS, Suite};
use crate::beneath::Beneath;
use crate::failure::{Code, Done, Failure};
use crate::foreign;

/// The name of the index in an archive, its first file.
const INDEX: &str = "index.json";

/// The bytes that one file of an archive, and all together, may have.
const MAX_FILE: u64 = 64 << 20;
const MAX_ALL: u64 = 1 << 30;
/// All that is unpacked, names of files too: these have no limit of their own.
const MAX_UNPACKED: u64 = MAX_ALL + (64 << 20);

/// The content of an archive.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    /// The version of the protocol that its cases are written for.
    protocol: u32,
    /// The version of the suite.
    version: String,
    /// Every other file, and its digest.
    files: BTreeMap<String, String>,
}

/// Writes a suite with its components into one archive, the same bytes for the
/// same suite. Returns the number of cases.
pub(crate) fn pack(suite: &Suite, file: &Path) -> Done<usize> {
    let exemptions = toml::to_string(&suite.exemptions)
        .map_err(|error| Failure::new(Code::Host, format!("cannot write TOML: {error}")))?;
    let mut files = BTreeMap::from([(EXEMPTIONS.to_owned(), exemptions.into_bytes())]);
    for case in &suite.cases {
        let place = |name: &str| format!("{CASES}/{}/{name}", case.name);
        files.insert(place(COMPONENT), read(&case.component)?);
        let entries = fs::read_dir(&case.folder).map_err(|error| broken(&case.folder, error))?;
        let folder = Beneath::open(&case.folder).map_err(|error| broken(&case.folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| broken(&case.folder, error))?.path();
            let file_name = path.file_name().unwrap_or_default();
            let name = file_name.to_string_lossy();
            // A component of its own is one that was unpacked.
            if name != COMPONENT {
                let file = folder.file(Path::new(file_name));
                let bytes = file.and_then(|file| foreign::bytes_of(file, MAX_FILE));
                files.insert(place(&name), bytes.map_err(|error| broken(&path, error))?);
            }
        }
    }
    let digests = files.iter();
    let index = Index {
        protocol: VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: digests
            .map(|(name, bytes)| (name.clone(), Digest::of(bytes).to_string()))
            .collect(),
    };
    let index = serde_json::to_vec_pretty(&index)
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JSON: {error}")))?;
    let written = write(file, &index, &files).map_err(|error| broken(file, error));
    written.map(|()| suite.cases.len())
}

fn write(file: &Path, index: &[u8], files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let compressed: GzEncoder<File> = GzBuilder::new()
        .mtime(0)
        .write(File::create(file)?, Compression::default());
    let mut archive = tar::Builder::new(compressed);
    let all = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    for (name, bytes) in [(INDEX, index)].into_iter().chain(all) {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_cksum();
        archive.append_data(&mut header, name, bytes)?;
    }
    archive.into_inner()?.finish()?.flush()
}

/// Unpacks an archive into a folder of its own, and holds each file against the
/// index before anything is used.
///
/// # Errors
///
/// It is no archive of a suite, of another version, or not what its index says.
pub(crate) fn unpack(file: &Path) -> Done<Suite> {
    let folder = tempfile::tempdir().map_err(|error| broken(file, error))?;
    let wrong = |text: String| {
        Failure::new(Code::Input, format!("{}: {text}", file.display()))
            .hint("--pack makes such an archive")
    };
    let opened = foreign::open(file).map_err(|error| broken(file, error))?;
    let mut archive = tar::Archive::new(GzDecoder::new(opened).take(MAX_UNPACKED));
    let entries = archive.entries().map_err(|error| broken(file, error))?;
    let mut index: Option<Index> = None;
    let mut left = MAX_ALL;
    for entry in entries {
        let mut entry = entry.map_err(|error| wrong(format!("no archive of a suite: {error}")))?;
        let path = entry
            .path()
            .map_err(|error| broken(file, error))?
            .into_owned();
        let name = path.display().to_string();
        let size = entry.size();
        if !entry.header().entry_type().is_file() || !is_plain(&path) {
            return Err(wrong(format!("`{name}` is no file within the archive")));
        }
        if size > MAX_FILE || size > left {
            return Err(wrong(format!("`{name}` is too large")));
        }
        left -= size;
        let mut bytes = Vec::new();
        entry
            .read_to_end(&mut bytes)
            .map_err(|error| wrong(format!("`{name}`: {error}")))?;
        let Some(index) = &mut index else {
            index = Some(read_index(&name, &bytes).map_err(&wrong)?);
            continue;
        };
        let expected = index.files.remove(&name);
        let expected = expected
            .ok_or_else(|| wrong(format!("`{name}` is not in the index, or there twice")))?;
        let found = Digest::of(&bytes).to_string();
        if found != expected {
            return Err(wrong(format!(
                "`{name}` is not what the index says: {found} instead of {expected}"
            )));
        }
        let place = folder.path().join(&path);
        fs::create_dir_all(place.parent().unwrap_or(folder.path()))
            .and_then(|()| fs::write(&place, &bytes))
            .map_err(|error| broken(&place, error))?;
    }
    match index {
        None => Err(wrong("no archive of a suite: it is empty".to_owned())),
        Some(index) => match index.files.keys().next() {
            Some(name) => Err(wrong(format!("`{name}` is missing"))),
            None => {
                let path = folder.path().to_owned();
                Suite::of_folder(&path, Some(folder), |_, case| case.join(COMPONENT))
            }
        },
    }
}

fn read_index(name: &str, bytes: &[u8]) -> Result<Index, String> {
    if name != INDEX {
        return Err(format!(
            "no archive of a suite: it does not begin with {INDEX}"
        ));
    }
    let index: Index =
        serde_json::from_slice(bytes).map_err(|error| format!("{INDEX}: {error}"))?;
    if index.protocol == VERSION {
        Ok(index)
    } else {
        Err(format!(
            "the suite is for version {} of the protocol; this runner speaks {VERSION}",
            index.protocol
        ))
    }
}

/// Whether a path leads to somewhere below where it begins.
fn is_plain(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_)))
}

fn read(path: &Path) -> Done<Vec<u8>> {
    foreign::bytes(path, MAX_FILE).map_err(|error| broken(path, error))
}

fn broken(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Code::Input, format!("{}: {error}", path.display()))
}
