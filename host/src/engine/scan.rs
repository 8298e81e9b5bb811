//! Checks a component against its limits in one pass over its bytes, in order and without
//! recursion. It needs hardly any memory, whatever the bytes are.
//!
//! A component that passes may still be invalid: that is for the validator to find, which
//! may recurse and allocate as far as the limits allow.

mod function;
mod types;

use wasmparser::{BinaryReader, Encoding, Parser, Payload};

use super::limits::ComponentLimits;

/// Why the scan of a component stopped.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The component exceeds one of its limits.
    #[error("it has {found} {what} (at byte {at}), which is over the limit of {limit}")]
    Limit {
        /// The kind of thing.
        what: &'static str,
        /// How many were counted.
        found: u64,
        /// The limit.
        limit: u64,
        /// The position in its bytes.
        at: usize,
    },
    /// Its bytes cannot be parsed.
    #[error(transparent)]
    Malformed(#[from] wasmparser::BinaryReaderError),
}

/// What was counted. Counts of single functions are those of the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ComponentCounts {
    /// Nesting of components and modules.
    pub nesting: u64,
    /// Nesting of component and instance types.
    pub type_nesting: u64,
    /// Modules and components.
    pub modules: u64,
    /// Types.
    pub types: u64,
    /// Functions.
    pub functions: u64,
    /// All other listed items.
    pub items: u64,
    /// An upper bound of the instances that are created.
    pub instances: u64,
    /// The bytes of a function.
    pub function_bytes: u64,
    /// The local variables of a function.
    pub locals: u64,
    /// The local variables of all functions.
    pub all_locals: u64,
    /// Nesting of blocks.
    pub block_nesting: u64,
    /// Nesting of loops.
    pub loop_nesting: u64,
    /// The values that may meet where control flow joins.
    pub joins: u64,
}

/// Checks a component, or bytes that claim to be one, against the limits.
///
/// # Errors
///
/// The limit that it exceeds, or the position where its bytes cannot be parsed.
pub fn scan(bytes: &[u8], limits: &ComponentLimits) -> Result<ComponentCounts, ScanError> {
    at_most("bytes", bytes.len() as u64, limits.bytes, 0)?;
    let mut scan = Scan {
        limits,
        counts: ComponentCounts::default(),
        depth: 0,
        arity: 0,
        making: Vec::new(),
        largest: 1,
    };
    for payload in Parser::new(0).parse_all(bytes) {
        scan.payload(bytes, payload?)?;
    }
    Ok(scan.counts)
}

struct Scan<'a> {
    limits: &'a ComponentLimits,
    counts: ComponentCounts,
    /// How many components and modules are open.
    depth: u64,
    /// The most parameters or results of a function type so far: blocks of such a type
    /// pass on that many values.
    arity: u64,
    /// The instances that each open component or module creates.
    making: Vec<u64>,
    /// The most instances that a closed one creates.
    largest: u64,
}

impl Scan<'_> {
    fn payload(&mut self, bytes: &[u8], payload: Payload<'_>) -> Result<(), ScanError> {
        match payload {
            Payload::Version {
                range, encoding, ..
            } => {
                self.depth += 1;
                self.making.push(0);
                if encoding == Encoding::Module {
                    self.arity = 0;
                }
                let nesting = &mut self.counts.nesting;
                *nesting = self.depth.max(*nesting);
                let what = "components inside one another";
                at_most(what, *nesting, self.limits.nesting, range.start)?;
            }
            Payload::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.largest = self.making.pop().unwrap_or(0).max(self.largest);
            }
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => {
                self.counts.modules += 1;
                let found = self.counts.modules;
                let at = unchecked_range.start;
                at_most("modules and components", found, self.limits.modules, at)?;
            }
            Payload::TypeSection(section) => {
                let at = section.range().start;
                for group in section {
                    let group = group?;
                    self.types(group.types().len() as u64, at)?;
                    for one in group.types() {
                        self.arity = self.arity.max(types::arity(one));
                    }
                }
            }
            Payload::CoreTypeSection(section) => {
                let at = section.range().start;
                for one in section {
                    self.types(types::core(&one?), at)?;
                }
            }
            Payload::ComponentTypeSection(section) => {
                let range = section.range();
                let content = bytes.get(range.clone()).unwrap_or_default();
                let reader = BinaryReader::new(content, range.start);
                self.component_types(reader)?;
            }
            Payload::CodeSectionStart { count, range, .. } => {
                self.counts.functions += u64::from(count);
                let found = self.counts.functions;
                at_most("functions", found, self.limits.functions, range.start)?;
            }
            Payload::CodeSectionEntry(body) => self.function(&body)?,
            Payload::FunctionSection(list) => self.items(list.count(), list.range().start)?,
            Payload::ImportSection(list) => self.items(list.count(), list.range().start)?,
            Payload::TableSection(list) => self.items(list.count(), list.range().start)?,
            Payload::MemorySection(list) => self.items(list.count(), list.range().start)?,
            Payload::TagSection(list) => self.items(list.count(), list.range().start)?,
            Payload::GlobalSection(list) => self.items(list.count(), list.range().start)?,
            Payload::ExportSection(list) => self.items(list.count(), list.range().start)?,
            Payload::ElementSection(list) => self.items(list.count(), list.range().start)?,
            Payload::DataSection(list) => self.items(list.count(), list.range().start)?,
            Payload::InstanceSection(list) => {
                self.items(list.count(), list.range().start)?;
                self.instances(list.count(), 1, list.range().start)?;
            }
            Payload::ComponentInstanceSection(list) => {
                self.items(list.count(), list.range().start)?;
                self.instances(list.count(), self.largest, list.range().start)?;
            }
            Payload::ComponentAliasSection(list) => {
                self.items(list.count(), list.range().start)?;
            }
            Payload::ComponentCanonicalSection(list) => {
                self.items(list.count(), list.range().start)?;
            }
            Payload::ComponentImportSection(list) => {
                self.items(list.count(), list.range().start)?;
            }
            Payload::ComponentExportSection(list) => {
                self.items(list.count(), list.range().start)?;
            }
            Payload::CustomSection(section) => self.items(1, section.data_offset())?,
            // The validator takes at most one of each, and rejects the last.
            Payload::StartSection { .. }
            | Payload::DataCountSection { .. }
            | Payload::ComponentStartSection { .. }
            | Payload::UnknownSection { .. } => {}
            // A section of a later version of the reader.
            _ => {}
        }
        Ok(())
    }

    fn items(&mut self, count: u32, at: usize) -> Result<(), ScanError> {
        self.counts.items += u64::from(count);
        at_most("items", self.counts.items, self.limits.items, at)
    }

    /// Counts `count` more instances, each of which creates `each`.
    fn instances(&mut self, count: u32, each: u64, at: usize) -> Result<(), ScanError> {
        let made = self.making.last_mut();
        let more = u64::from(count).saturating_mul(each);
        let found = made.map_or(more, |made| {
            *made = made.saturating_add(more);
            *made
        });
        self.counts.instances = self.counts.instances.max(found);
        let what = "instances, with all that those make";
        at_most(what, found, self.limits.instances, at)
    }

    fn types(&mut self, count: u64, at: usize) -> Result<(), ScanError> {
        self.counts.types += count;
        at_most("types", self.counts.types, self.limits.types, at)
    }
}

fn at_most(what: &'static str, found: u64, limit: u64, at: usize) -> Result<(), ScanError> {
    if found > limit {
        return Err(ScanError::Limit {
            what,
            found,
            limit,
            at,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
