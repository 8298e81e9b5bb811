//! Reads a component's world in a process of its own: a few bytes can describe
//! types that take any amount of memory and stack to read, or of text to write.

use std::io::Read as _;
use std::panic::catch_unwind;

use boll_host::engine::{ComponentLimits, ScanError, scan};
use boll_host::sandbox::WorkerError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Fit, World, WorldError, recognise};
use crate::worker::Task;

/// A component from the outside.
#[derive(Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
    pub(crate) wit: String,
}

/// The question to the process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    Outline = 1,
    Fit = 2,
}

/// The longest answer, in bytes: nobody reads more WIT than that.
const ANSWER: u64 = 16 << 20;

/// Reads a component's imports and exports.
pub(crate) fn outline(component: &[u8]) -> Result<Outline, WorldError> {
    ask(Question::Outline, component)
}

/// Compares a component with the contract.
pub(crate) fn fit(component: &[u8]) -> Result<Fit, WorldError> {
    ask(Question::Fit, component)
}

fn ask<T: DeserializeOwned>(question: Question, component: &[u8]) -> Result<T, WorldError> {
    recognise(component)?;
    scan(component, &ComponentLimits::default()).map_err(|error| match error {
        ScanError::Malformed(reason) => WorldError::Unreadable(reason),
        error => WorldError::Scan(error),
    })?;
    let asked = [question as u8];
    let answer = Task::World
        .run(&[&asked, component])
        .map_err(|error| match error {
            WorkerError::Refused(reason) => WorldError::Refused(reason),
            error => WorldError::Reader(error),
        })?;
    let mut json = Vec::new();
    let read = answer.take(ANSWER + 1).read_to_end(&mut json);
    read.map_err(|error| WorldError::Reader(WorkerError::Run(error)))?;
    if json.len() as u64 > ANSWER {
        let text = format!("its description is longer than {} MiB", ANSWER >> 20);
        return Err(WorldError::Unreadable(text));
    }
    serde_json::from_slice(&json).map_err(|error| WorldError::Unreadable(error.to_string()))
}

/// Does the work of the process.
pub(crate) fn work(input: Vec<u8>) -> Result<Vec<u8>, String> {
    let (asked, component) = input.split_first().ok_or("there is no question")?;
    // The reader and the printer of WIT panic if a component has something that WIT
    // cannot express.
    catch_unwind(|| answer(*asked, component))
        .unwrap_or(Err(WorldError::Indescribable))
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}

fn answer(asked: u8, component: &[u8]) -> Result<serde_json::Result<Vec<u8>>, WorldError> {
    if asked == Question::Outline as u8 {
        return read(component).map(|outline| serde_json::to_vec(&outline));
    }
    let fit = World::of(component)?.fit()?;
    Ok(serde_json::to_vec(&fit))
}

fn read(component: &[u8]) -> Result<Outline, WorldError> {
    let world = World::of(component)?;
    Ok(Outline {
        imports: world.imports(),
        exports: world.exports(),
        wit: world.text()?,
    })
}
