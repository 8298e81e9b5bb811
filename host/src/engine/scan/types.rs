//! Scans the types of a component: they nest, so that wasmparser's own reader would
//! recurse.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentDefinedType, ComponentExternName, ComponentImport,
    ComponentType, ComponentTypeRef, CompositeInnerType, CoreType, InstanceTypeDeclaration,
    ModuleTypeDeclaration, SubType,
};

use super::counts::{Scan, ScanError, at_most};

/// The first bytes of the types that contain declarations.
const COMPONENT: u8 = 0x41;
const INSTANCE: u8 = 0x42;

impl Scan<'_> {
    /// Reads a section of component types, with a list of open types instead of
    /// recursion. The list is no longer than the limit on nesting.
    pub(super) fn component_types(
        &mut self,
        mut reader: BinaryReader<'_>,
    ) -> Result<(), ScanError> {
        // How many declarations each open type still has; the outermost are the
        // section's own types.
        let mut open: Vec<u32> = Vec::new();
        let mut left = reader.read_var_u32()?;
        loop {
            if left == 0 {
                match open.pop() {
                    Some(outer) => left = outer,
                    None => return Ok(()),
                }
                continue;
            }
            left -= 1;
            let at = reader.original_position();
            if !open.is_empty() && !self.is_type(&mut reader)? {
                continue;
            }
            self.types(1, at)?;
            match reader.clone().read_u8()? {
                COMPONENT | INSTANCE => {
                    reader.read_u8()?;
                    open.push(left);
                    left = reader.read_var_u32()?;
                    let nesting = &mut self.counts.type_nesting;
                    *nesting = (open.len() as u64).max(*nesting);
                    let what = "types inside one another";
                    at_most(what, open.len() as u64, self.limits.type_nesting, at)?;
                }
                // Every other type refers to its parts by number.
                _ => {
                    let parts = parts(&reader.read()?);
                    self.items(parts, at)?;
                }
            }
        }
    }

    /// Reads a declaration up to its type and returns whether it has one. Any other
    /// declaration is read whole.
    fn is_type(&mut self, reader: &mut BinaryReader<'_>) -> Result<bool, ScanError> {
        let at = reader.original_position();
        let whole = reader.clone();
        match reader.read_u8()? {
            0x00 => {
                let declared = core(&reader.read()?);
                self.types(declared, at)?;
            }
            0x01 => return Ok(true),
            0x02 => {
                reader.read::<ComponentAlias<'_>>()?;
                self.items(1, at)?;
            }
            0x03 => {
                reader.read::<ComponentImport<'_>>()?;
                self.items(1, at)?;
            }
            0x04 => {
                reader.read::<ComponentExternName<'_>>()?;
                reader.read::<ComponentTypeRef>()?;
                self.items(1, at)?;
            }
            // No declaration begins so; wasmparser returns the error for that.
            _ => {
                whole.clone().read::<InstanceTypeDeclaration<'_>>()?;
            }
        }
        Ok(false)
    }
}

/// Returns how many fields, cases or parameters a type has.
fn parts(declared: &ComponentType<'_>) -> u32 {
    let parts = match declared {
        ComponentType::Func(function) => function.params.len(),
        ComponentType::Defined(defined) => match defined {
            ComponentDefinedType::Record(fields) => fields.len(),
            ComponentDefinedType::Variant(cases) => cases.len(),
            ComponentDefinedType::Tuple(types) => types.len(),
            ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names) => names.len(),
            _ => 0,
        },
        _ => 0,
    };
    u32::try_from(parts).unwrap_or(u32::MAX)
}

/// Returns how many types a core type declares.
pub(super) fn core(declared: &CoreType<'_>) -> u64 {
    match declared {
        CoreType::Rec(group) => group.types().len() as u64,
        CoreType::Module(declarations) => {
            let types = declarations.iter().map(|one| match one {
                ModuleTypeDeclaration::Type(group) => group.types().len() as u64,
                _ => 1,
            });
            types.sum::<u64>() + 1
        }
    }
}

/// Returns how many values a block of this type takes and leaves.
pub(super) fn arity(declared: &SubType) -> u64 {
    match &declared.composite_type.inner {
        CompositeInnerType::Func(function) => {
            (function.params().len() + function.results().len()) as u64
        }
        _ => 0,
    }
}
