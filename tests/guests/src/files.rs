//! An action that uses files as any program does.

use std::io::Write as _;
use std::time::Duration;
use std::{fs, io};

use serde::Deserialize;
use serde_json::{Value, json};

/// What is done, and with which path.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Reads a file.
    Read(String),
    /// Writes into a file, which is made where it is missing.
    Write(String),
    /// Lists a folder.
    List(String),
    /// Removes a file.
    Remove(String),
    /// Makes a folder.
    MakeFolder(String),
    /// Renames a file.
    Rename(String, String),
    /// Makes another name for a file.
    Link(String, String),
    /// Makes a symbolic link.
    Symlink(String, String),
    /// Makes a file empty.
    Truncate(String),
    /// Removes a folder.
    RemoveFolder(String),
    /// Writes at the end of a file.
    Append(String),
    /// Opens a file so often, keeps all of it open, and gives how often it could.
    Keep(String, u32),
    /// Sleeps for so many milliseconds.
    Sleep(u64),
}

/// Does the steps; each results in `ok`, or the kind of its error.
pub(crate) fn take(steps: Vec<Step>) -> Value {
    steps
        .into_iter()
        .map(|step| match one(step) {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "err": format!("{:?}", error.kind()) }),
        })
        .collect()
}

fn one(step: Step) -> io::Result<Value> {
    match step {
        Step::Read(path) => return Ok(fs::read_to_string(path)?.into()),
        Step::Write(path) => fs::write(path, "written by the capsule")?,
        Step::List(path) => {
            let mut names = fs::read_dir(path)?
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                .collect::<io::Result<Vec<_>>>()?;
            names.sort();
            return Ok(names.into());
        }
        Step::Remove(path) => fs::remove_file(path)?,
        Step::MakeFolder(path) => fs::create_dir(path)?,
        Step::Rename(from, to) => fs::rename(from, to)?,
        Step::Link(from, to) => fs::hard_link(from, to)?,
        Step::Symlink(target, link) => symlink(&target, &link)?,
        Step::RemoveFolder(path) => fs::remove_dir(path)?,
        Step::Append(path) => {
            let mut file = fs::OpenOptions::new().append(true).open(path)?;
            file.write_all(b", and more")?;
        }
        Step::Keep(path, times) => {
            let mut kept = 0;
            for _ in 0..times {
                match fs::File::open(&path) {
                    Ok(file) => std::mem::forget(file),
                    Err(error) => return Ok(json!([kept, format!("{:?}", error.kind())])),
                }
                kept += 1;
            }
            return Ok(json!([kept, null]));
        }
        Step::Sleep(ms) => std::thread::sleep(Duration::from_millis(ms)),
        Step::Truncate(path) => {
            fs::OpenOptions::new()
                .write(true)
                .truncate(true)
                .open(path)?;
        }
    }
    Ok(Value::Null)
}

/// What the standard library calls by another name has none that is stable here.
#[allow(deprecated)]
fn symlink(target: &str, link: &str) -> io::Result<()> {
    fs::soft_link(target, link)
}
