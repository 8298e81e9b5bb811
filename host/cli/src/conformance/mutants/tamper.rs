//! Stands between the runner and a host, and gives the host a fault.

use std::fs;
use std::io;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::change::{Called, Change, FirstConfig, keep_config};
use crate::conformance::protocol::{HostReply, LoadOperation, Operation};

/// A fault that a host has from now on.
pub(in crate::conformance) struct Tamper {
    change: &'static Change,
    /// Where changed manifests lie.
    folder: TempDir,
    manifests: usize,
    first_config: FirstConfig,
}

/// Who answers a request.
pub(in crate::conformance) enum Answerer {
    /// The host.
    Host,
    /// The fault; the host is not asked.
    Fault(HostReply),
    /// The fault; the host does it all the same, and what it says comes too late.
    FaultFirst(HostReply),
}

impl Tamper {
    pub(super) fn new(change: &'static Change) -> io::Result<Self> {
        Ok(Self {
            change,
            folder: tempfile::tempdir()?,
            manifests: 0,
            first_config: FirstConfig::new(),
        })
    }

    /// Changes a request, and says who answers it.
    pub(in crate::conformance) fn ask(
        &mut self,
        operation: &mut Operation,
    ) -> io::Result<Answerer> {
        match (self.change, &mut *operation) {
            (Change::Settings(change), Operation::Open { settings, .. }) => change(settings),
            (Change::Loaded(change), Operation::Load(load)) => self.load(*change, load)?,
            (Change::FirstConfig, Operation::Load(load)) => {
                keep_config(load, &mut self.first_config);
            }
            (Change::Granted(change), Operation::Grant { grants, .. }) => change(grants),
            (Change::Called(change), operation) => {
                if let Some(mut called) = Called::of(operation) {
                    change(&mut called);
                }
            }
            (Change::Skipped(answer), operation) => {
                if let Some(answer) = answer(operation) {
                    return Ok(Answerer::Fault(HostReply::Result(answer)));
                }
            }
            (Change::Unended(answer), operation) => {
                if let Some(called) = Called::of(operation)
                    && let Some(answer) = answer(called.call)
                {
                    called.call.time_ms = None;
                    return Ok(Answerer::FaultFirst(HostReply::Result(answer)));
                }
            }
            _ => {}
        }
        Ok(Answerer::Host)
    }

    /// Changes the manifest and the grants of a load.
    fn load(
        &mut self,
        change: fn(&mut toml::Table, &mut Vec<String>),
        load: &mut LoadOperation,
    ) -> io::Result<()> {
        let text = fs::read_to_string(&load.manifest_file)?;
        let mut manifest: toml::Table = toml::from_str(&text).map_err(io::Error::other)?;
        change(&mut manifest, &mut load.grants);
        self.manifests += 1;
        let file = self.folder.path().join(format!("{}.toml", self.manifests));
        fs::write(&file, toml::to_string(&manifest).map_err(io::Error::other)?)?;
        load.manifest = json!(manifest);
        load.manifest_file = file;
        Ok(())
    }

    /// Changes the answer to a request.
    pub(in crate::conformance) fn answer(&self, request: &str, answer: &mut HostReply) {
        if let (Change::Answered(name, change), HostReply::Result(value)) = (self.change, answer)
            && *name == request
        {
            change(value);
        }
    }

    /// Changes a line of the log. Returns whether there is one still.
    pub(in crate::conformance) fn line(&self, line: &mut Map<String, Value>) -> bool {
        match self.change {
            Change::Logged(change) => change(line),
            _ => true,
        }
    }
}
