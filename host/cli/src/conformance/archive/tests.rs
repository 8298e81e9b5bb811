//! Archives that nobody packed: refused before anything of them is read or made.

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// The files of an archive: their kind, name and content.
type Files = Vec<(u8, String, Vec<u8>)>;

fn file(name: &str, content: &[u8]) -> (u8, String, Vec<u8>) {
    (b'0', name.to_owned(), content.to_vec())
}

/// An index of files, and what it says of them.
fn index(files: &Files) -> (u8, String, Vec<u8>) {
    let digests = files.iter();
    let digests: BTreeMap<_, _> = digests
        .map(|(_, name, content)| (name.clone(), Digest::of(content).to_string()))
        .collect();
    let text = serde_json::json!({"protocol": VERSION, "version": "1", "files": digests});
    file(INDEX, text.to_string().as_bytes())
}

/// An uncompressed archive of files, whose headers are what they are.
fn tarred(files: &Files) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (kind, name, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_size(content.len() as u64);
        if header.set_path(name).is_err() {
            let field = &mut header.as_old_mut().name;
            let end = name.len().min(field.len());
            field[..end].copy_from_slice(&name.as_bytes()[..end]);
        }
        header.set_cksum();
        archive.append(&header, content.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn compressed(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("suite.tar.gz");
    let mut to = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap();
    (folder, path)
}

fn unpacked(bytes: &[u8]) -> Done<Suite> {
    let (_folder, path) = compressed(bytes);
    unpack(&path)
}

#[track_caller]
fn refused(files: &Files, says: &str) {
    let failure = unpacked(&tarred(files)).err().expect("it is refused");
    assert_eq!(failure.code, Code::Input);
    assert!(failure.message().contains(says), "{}", failure.message());
    assert!(failure.message().len() < 10_000);
}

fn small() -> Files {
    vec![file(EXEMPTIONS, b"")]
}

#[test]
fn no_record_before_a_file_is_read() {
    for kind in [
        b'L', b'K', b'x', b'g', b'S', b'1', b'2', b'5', b'7', b'V', b'M',
    ] {
        for name in ["././@LongLink", "pax", "exemptions.toml"] {
            let record = (kind, name.to_owned(), vec![b'x'; 10_000]);
            let (mut first, mut second) = (small(), small());
            first.splice(0..0, [record.clone(), index(&small())]);
            second.splice(0..0, [index(&small()), record]);
            refused(&first, "no file within");
            refused(&second, "no file within");
        }
    }
}

#[test]
fn names_depth_number_and_size_are_bounded() {
    let deep = format!("{}x", "a/".repeat(MAX_DEPTH));
    let long = "x".repeat(MAX_NAME + 1);
    for name in [
        "../x", "/x", "a//x", "a/./x", "./x", "x/", "..", &deep, &long,
    ] {
        let mut files = vec![file(name, b"")];
        let listed = index(&files);
        files.insert(0, listed);
        refused(&files, "no file within");
        // Nor is one that only the archive has.
        files[0] = index(&small());
        refused(&files, "in");
    }
    let many: Files = (0..=MAX_FILES)
        .map(|at| file(&format!("{at}"), b""))
        .collect();
    refused(&vec![index(&many)], "more than 4096 files");
    let large = vec![b' '; usize::try_from(MAX_INDEX).unwrap() + 1];
    refused(&vec![file(INDEX, &large)], "too large");
    let wrong = format!("{{\"{}\": 1}}", "x".repeat(1 << 20));
    refused(&vec![file(INDEX, wrong.as_bytes())], INDEX);
}

#[test]
fn a_size_is_believed_only_where_it_is_one() {
    for size in [u64::MAX, 1 << 62, MAX_FILE + 1] {
        let mut bytes = tarred(&vec![index(&small()), file("x", b"")]);
        let at = bytes.windows(2).rposition(|two| two == b"x\0").unwrap();
        let header = tar::Header::from_byte_slice(&bytes[at..at + 512]);
        let mut header = header.clone();
        header.set_size(size);
        header.set_cksum();
        bytes[at..at + 512].copy_from_slice(header.as_bytes());
        assert!(unpacked(&bytes).is_err(), "{size}");
    }
}

#[test]
fn no_prefix_and_no_mutation_does_more_than_fail() {
    let mut files = small();
    files.insert(0, index(&files));
    let whole = tarred(&files);
    for end in (0..whole.len().min(2600)).step_by(13) {
        let _ = unpacked(&whole[..end]);
    }
    for at in (0..1536).step_by(5) {
        for with in [0, b'L', b'x', b'7', 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] = with;
            let start = at / 512 * 512;
            // The header is a sound one, of something else.
            if [0, 1024].contains(&start) {
                let mut header = tar::Header::from_byte_slice(&changed[start..start + 512]).clone();
                header.set_cksum();
                changed[start..start + 512].copy_from_slice(header.as_bytes());
            }
            let _ = unpacked(&changed);
        }
    }
    let (_folder, path) = compressed(&whole);
    let packed = fs::read(&path).unwrap();
    for at in (0..packed.len()).step_by(3) {
        for with in [0, 0x7f, 0xff] {
            let mut changed = packed.clone();
            changed[at] = with;
            fs::write(&path, &changed).unwrap();
            let _ = unpack(&path);
            fs::write(&path, &packed[..at]).unwrap();
            assert!(unpack(&path).is_err());
        }
    }
}
