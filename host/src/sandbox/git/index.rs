//! Finds the other repositories that git's index names.
//!
//! Pure. Of the index (`gitformat-index`, versions 2 to 4) nothing else matters
//! here: git enters the folder of each such entry, a *gitlink*, and obeys the
//! configuration that it finds there.

/// What the index says about other repositories.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// The folders of submodules, as paths in the work tree.
    pub(crate) folders: Vec<Vec<u8>>,
    /// The name of the file beside the index that has the rest of the entries.
    pub(crate) shared: Option<String>,
}

/// Why an index says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It is not an index, too large, or of a version that is not known.
    #[error("cannot be read")]
    Form,
    /// There are more than [`FOLDERS_MAX`] folders.
    #[error("names too many submodules")]
    TooMany,
    /// The name of a folder is only in the shared index, at a position.
    #[error("names submodules by their position in another")]
    Nameless,
}

/// The most folders that are taken from one index.
pub(crate) const FOLDERS_MAX: usize = 4096;

/// The longest path that the kernel takes, which no longer name can be one of.
const PATH_MAX: usize = 4096;
const STAT_BYTES: usize = 40;
const MODE_AT: usize = 24;
const GITLINK: u32 = 0o160_000;
const KIND: u32 = 0o170_000;

/// Reads an index whose object names have `hash` bytes.
///
/// # Errors
///
/// [`Unreadable`] when it is none, or names too much.
pub(crate) fn links(index: &[u8], hash: usize) -> Result<Links, Unreadable> {
    let mut rest = Rest(index);
    if rest.take(4)? != b"DIRC" {
        return Err(Unreadable::Form);
    }
    let version = rest.word()?;
    if !(2..=4).contains(&version) {
        return Err(Unreadable::Form);
    }
    let count = rest.word()?;
    let mut links = Links::default();
    let mut name = Vec::new();
    for _ in 0..count {
        let mode = read_entry(&mut rest, version, hash, &mut name)?;
        if mode & KIND == GITLINK {
            if links.folders.len() == FOLDERS_MAX {
                return Err(Unreadable::TooMany);
            }
            if name.is_empty() {
                return Err(Unreadable::Nameless);
            }
            if name.len() < PATH_MAX {
                links.folders.push(name.clone());
            }
        }
    }
    links.shared = shared(rest, hash);
    Ok(links)
}

/// Reads one entry: its name, which in version 4 begins as the last one, and
/// its mode.
fn read_entry(
    rest: &mut Rest<'_>,
    version: u32,
    hash: usize,
    name: &mut Vec<u8>,
) -> Result<u32, Unreadable> {
    let before = rest.0.len();
    let stat = rest.take(STAT_BYTES)?;
    let mode = u32::from_be_bytes([
        stat[MODE_AT],
        stat[MODE_AT + 1],
        stat[MODE_AT + 2],
        stat[MODE_AT + 3],
    ]);
    rest.take(hash)?;
    let extended = rest.take(2)?[0] & 0x40 != 0;
    if version > 2 && extended {
        rest.take(2)?;
    }
    if version == 4 {
        let dropped = rest.number()?;
        let kept = name.len().checked_sub(dropped).ok_or(Unreadable::Form)?;
        name.truncate(kept);
        name.extend(rest.until_nul()?);
        return Ok(mode);
    }
    name.clear();
    name.extend(rest.until_nul()?);
    // The NUL is the first of one to eight that fill the entry up.
    let used = before - rest.0.len();
    rest.take(used.next_multiple_of(8) - used)?;
    Ok(mode)
}

/// The file that the extension `link` names.
fn shared(mut rest: Rest<'_>, hash: usize) -> Option<String> {
    loop {
        let signature = rest.take(4).ok()?;
        let size = usize::try_from(rest.word().ok()?).ok()?;
        let body = rest.take(size).ok()?;
        if signature != b"link" {
            continue;
        }
        let hex = body.get(..hash)?.iter().map(|byte| format!("{byte:02x}"));
        return Some(format!("sharedindex.{}", hex.collect::<String>()));
    }
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Unreadable::Form)?;
        self.0 = rest;
        Ok(taken)
    }

    fn word(&mut self) -> Result<u32, Unreadable> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A number of variable length, as offsets in a pack are written.
    fn number(&mut self) -> Result<usize, Unreadable> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            let high = value
                .checked_add(1)
                .and_then(|value| value.checked_mul(128));
            let high = high.ok_or(Unreadable::Form)?;
            value = high + usize::from(byte & 0x7f);
        }
        Ok(value)
    }

    fn until_nul(&mut self) -> Result<&'a [u8], Unreadable> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = self.take(end.ok_or(Unreadable::Form)?)?;
        self.take(1)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: usize = 20;

    fn head(version: u32, count: u32) -> Vec<u8> {
        let words = [version, count].map(u32::to_be_bytes);
        [b"DIRC".as_slice(), words.as_flattened()].concat()
    }

    fn entry(mode: u32, name: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; STAT_BYTES + HASH + 2];
        bytes[MODE_AT..MODE_AT + 4].copy_from_slice(&mode.to_be_bytes());
        bytes.extend(name);
        bytes
    }

    #[test]
    fn submodules_are_found_among_files() {
        let mut index = head(2, 2);
        for (mode, name) in [(0o100_644, "a"), (GITLINK, "lib/sub")] {
            let mut entry = entry(mode, name.as_bytes());
            entry.push(0);
            entry.resize(entry.len().next_multiple_of(8), 0);
            index.extend(entry);
        }
        index.extend(b"link");
        index.extend(20u32.to_be_bytes());
        index.extend([0xab; 20]);
        let links = links(&index, HASH).unwrap();
        assert_eq!(links.folders, [b"lib/sub".to_vec()]);
        assert_eq!(
            links.shared,
            Some(format!("sharedindex.{}", "ab".repeat(20)))
        );
    }

    #[test]
    fn a_folder_without_a_name_is_not_passed_over() {
        let mut index = head(4, 1);
        index.extend(entry(GITLINK, b"\0\0"));
        assert_eq!(links(&index, HASH), Err(Unreadable::Nameless));
    }

    #[test]
    fn names_of_version_4_go_on_from_the_last() {
        let mut index = head(4, 2);
        index.extend(entry(0o100_644, b"\0lib/file\0"));
        index.extend(entry(GITLINK, b"\x04sub\0"));
        assert_eq!(links(&index, HASH).unwrap().folders, [b"lib/sub".to_vec()]);
    }

    #[test]
    fn what_is_no_index_says_nothing() {
        for bytes in [
            &b""[..],
            b"DIRC",
            &head(5, 0),
            &head(2, 1),
            &head(4, u32::MAX),
        ] {
            assert_eq!(links(bytes, HASH), Err(Unreadable::Form));
        }
    }
}
