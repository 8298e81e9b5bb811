//! Checks a component against its limits in one pass over its bytes, in order and without
//! recursion. It needs hardly any memory, whatever the bytes are.
//!
//! A component that passes may still be invalid: that is for the validator to find, which
//! may recurse and allocate as far as the limits allow.

mod counts;
mod function;
mod types;

use wasmparser::{BinaryReader, Encoding, Parser, Payload};

pub use counts::{ComponentCounts, ScanError};
use counts::{Scan, at_most};

use super::limits::ComponentLimits;

/// Checks a component, or bytes that claim to be one, against the limits.
///
/// # Errors
///
/// The limit that it exceeds, or the position where its bytes cannot be parsed.
pub fn scan(bytes: &[u8], limits: &ComponentLimits) -> Result<ComponentCounts, ScanError> {
    at_most("bytes", bytes.len() as u64, limits.bytes, 0)?;
    let mut scan = Scan::new(limits);
    for payload in Parser::new(0).parse_all(bytes) {
        scan.payload(bytes, payload?)?;
    }
    Ok(scan.counts)
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
}

#[cfg(test)]
mod tests;
