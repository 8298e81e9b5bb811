//! Writes interfaces as WIT in one form, so that two texts are equal if the interfaces
//! are.

use semver::Version;
use wit_component::WitPrinter;
use wit_parser::{InterfaceId, Resolve, WorldId};

use super::WorldError;

/// Which functions of an interface are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All functions.
    Whole,
    /// Only those that the component has: it may import fewer than there are.
    Used,
}

/// An interface, and where it is resolved.
pub(super) type Located<'a> = (&'a Resolve, InterfaceId);

/// Returns the text of an interface: sorted, without comments, with the types that the
/// component's interface `component` has.
pub(super) fn interface_text(
    name: &str,
    interface: &Located<'_>,
    component: &Located<'_>,
    part: Part,
) -> Result<String, WorldError> {
    let (resolve, id) = *interface;
    let used = &component.0.interfaces[component.1];
    let mut resolve = resolve.clone();
    // All 0.2 versions of wasi have the types of the first one.
    for (_, package) in resolve.packages.iter_mut() {
        if package.name.namespace == "wasi" {
            package.name.version = Some(Version::new(0, 2, 0));
        }
    }
    let pruned = &mut resolve.interfaces[id];
    if part == Part::Used {
        pruned
            .functions
            .retain(|name, _| used.functions.contains_key(name));
    }
    pruned.types.retain(|name, _| used.types.contains_key(name));
    pruned.functions.sort_unstable_keys();
    pruned.types.sort_unstable_keys();
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    let printed = printer.print_interface(&resolve, id);
    printed.map_err(|error| WorldError::Text {
        interface: name.to_owned(),
        reason: format!("{error:#}"),
    })?;
    // Since which version something is there, a component does not say.
    let text = String::from(printer.output);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("@since("));
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}

/// Returns the text of a component's world, with the packages that it names.
pub(super) fn world_text(resolve: &Resolve, world: WorldId) -> Result<String, WorldError> {
    let name = || resolve.worlds[world].name.clone();
    let failed = |reason: String| WorldError::Text {
        interface: name(),
        reason,
    };
    let package = resolve.worlds[world]
        .package
        .ok_or_else(|| failed("its world belongs to no package".into()))?;
    let packages = resolve.packages.iter().map(|(id, _)| id);
    let others: Vec<_> = packages.filter(|id| *id != package).collect();
    let mut printer = WitPrinter::default();
    let printed = printer.print(resolve, package, &others);
    printed.map_err(|error| failed(format!("{error:#}")))?;
    Ok(String::from(printer.output))
}
