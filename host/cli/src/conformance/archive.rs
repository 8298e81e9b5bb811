//! The suite as one archive: packed, and unpacked when it is what its index says.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

use boll_host::Digest;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};

use super::protocol::VERSION;
use super::sentences::SENTENCES;
use super::suite::{CASES, COMPONENT, EXEMPTIONS, Suite};
use crate::beneath::Beneath;
use crate::failure::{Code, Done, Failure};
use crate::foreign;
use crate::interrupt::{self, Listening};
use crate::whole_file;

/// The name of the index in an archive, its first file.
const INDEX: &str = "index.json";

/// The bytes that one file of an archive, its index, and all together may have.
const MAX_FILE: u64 = 64 << 20;
const MAX_INDEX: u64 = 4 << 20;
const MAX_ALL: u64 = 1 << 30;
/// The files that an archive may have, and the parts of a file's path: each may need folders
/// of its own.
const MAX_FILES: usize = 4096;
const MAX_DEPTH: usize = 8;
/// The bytes of a file's path: no header of an archive has room for more.
const MAX_NAME: usize = 256;
/// All that is unpacked: the files, and for each its header and what fills its last block.
const MAX_UNPACKED: u64 = MAX_ALL + (MAX_FILES as u64 + 2) * 1024;

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
    if !suite.sentences.all.is_empty() {
        let sentences = suite.sentences.text.clone().into_bytes();
        files.insert(SENTENCES.to_owned(), sentences);
    }
    for case in &suite.cases {
        interrupt::check()?;
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
    let written = whole_file::write_named(file, |file| write(file, &index, &files));
    written.map_err(|error| broken(file, error))?;
    Ok(suite.cases.len())
}

fn write(file: &mut File, index: &[u8], files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let compressed: GzEncoder<&mut File> = GzBuilder::new()
        .mtime(0)
        .write(file, Compression::default());
    let mut archive = tar::Builder::new(compressed);
    let all = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    for (name, bytes) in [(INDEX, index)].into_iter().chain(all) {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        // A name that needs a record of its own is an error: nobody unpacks those.
        header.set_path(name)?;
        header.set_cksum();
        archive.append(&header, bytes)?;
    }
    archive.into_inner()?.finish()?.flush()
}

/// Unpacks an archive into a folder of its own, and holds each file against the index before
/// anything is used. A signal ends that, and the folder goes with the suite.
///
/// # Errors
///
/// It is no archive of a suite, of another version, or not what its index says.
pub(crate) fn unpack(file: &Path) -> Done<Suite> {
    let listening = Listening::unless_somebody_does();
    let folder = tempfile::tempdir().map_err(|error| broken(file, error))?;
    let wrong = |text: String| {
        Failure::new(Code::Input, format!("{}: {text}", file.display()))
            .hint("--pack makes such an archive")
    };
    let opened = foreign::open(file).map_err(|error| broken(file, error))?;
    let mut archive = tar::Archive::new(GzDecoder::new(opened).take(MAX_UNPACKED));
    let entries = archive.entries().map_err(|error| broken(file, error))?;
    let (mut index, mut left): (Option<Index>, _) = (None, MAX_ALL);
    // Raw: records before a file, with its name or other properties, would be read whole.
    for entry in entries.raw(true) {
        interrupt::check()?;
        let entry = entry.map_err(|error| wrong(format!("no archive of a suite: {error}")))?;
        let most = if index.is_some() { MAX_FILE } else { MAX_INDEX };
        let (name, bytes) = content(entry, most.min(left)).map_err(&wrong)?;
        left -= bytes.len() as u64;
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
        let place = folder.path().join(&name);
        fs::create_dir_all(place.parent().unwrap_or(folder.path()))
            .and_then(|()| fs::write(&place, &bytes))
            .map_err(|error| broken(&place, error))?;
    }
    match index {
        None => Err(wrong("no archive of a suite: it is empty".to_owned())),
        Some(index) => match index.files.keys().next() {
            Some(name) => Err(wrong(format!("`{name}` is missing"))),
            None => Suite::in_its_folder(listening, folder),
        },
    }
}

/// The name and the bytes of a file in an archive; what is no such file is not read.
fn content(mut entry: tar::Entry<'_, impl Read>, most: u64) -> Result<(String, Vec<u8>), String> {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    if !entry.header().entry_type().is_file() || !is_plain(&name) {
        return Err(format!("`{name}` is no file within the archive"));
    }
    if entry.size() > most {
        return Err(format!("`{name}` is too large"));
    }
    let mut bytes = Vec::new();
    let read = entry.read_to_end(&mut bytes);
    read.map_err(|error| format!("`{name}`: {error}"))?;
    Ok((name, bytes))
}

fn read_index(name: &str, bytes: &[u8]) -> Result<Index, String> {
    if name != INDEX {
        return Err(format!(
            "no archive of a suite: it does not begin with {INDEX}"
        ));
    }
    let index: Index =
        serde_json::from_slice(bytes).map_err(|error| format!("{INDEX}: {error}"))?;
    if index.protocol != VERSION {
        return Err(format!(
            "the suite is for version {} of the protocol; this runner speaks {VERSION}",
            index.protocol
        ));
    }
    if index.files.len() > MAX_FILES {
        return Err(format!("it has more than {MAX_FILES} files"));
    }
    match index.files.keys().find(|name| !is_plain(name)) {
        Some(name) => Err(format!("{INDEX}: `{name}` is no file within the archive")),
        None => Ok(index),
    }
}

/// Whether a name is a path to somewhere below where it begins, and not far below.
fn is_plain(name: &str) -> bool {
    let mut parts = name.split('/');
    name.len() <= MAX_NAME
        && name.bytes().filter(|byte| *byte == b'/').count() < MAX_DEPTH
        && parts.all(|part| !["", ".", ".."].contains(&part))
        && !name.contains([char::REPLACEMENT_CHARACTER, '\0'])
}

fn read(path: &Path) -> Done<Vec<u8>> {
    foreign::bytes(path, MAX_FILE).map_err(|error| broken(path, error))
}

fn broken(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Code::Input, format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
