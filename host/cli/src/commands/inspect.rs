//! `boll inspect`: shows a component from the outside.

use boll_host::Digest;
use boll_host::policy::{Grant, Permissions};
use serde::Serialize;

use crate::args::{Arguments, Inspect};
use crate::failure::{Done, Failure};
use crate::grants::missing;
use crate::operator::Operator;
use crate::output::Output;
use crate::project::{Component, Present, Project, is_component};
use crate::report::{self, reporter::Reporter, sections::Sections};
use crate::world;

/// What is shown of a component.
#[derive(Serialize)]
struct Inspection {
    component: String,
    /// The size in bytes.
    size: usize,
    digest: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    capsule: Option<Capsule>,
    imports: Vec<String>,
    exports: Vec<String>,
    wit: String,
}

/// What its manifest adds.
#[derive(Serialize)]
struct Capsule {
    id: String,
    version: String,
    granted: Vec<String>,
    missing: Vec<String>,
}

pub(crate) fn run(inspect: &Inspect, arguments: &Arguments, reporter: &Reporter) -> Done {
    let (component, capsule) = open(inspect, arguments, reporter)?;
    let path = component.path.display().to_string();
    let about = |error| Failure::from(error).hint(format!("the component is {path}"));
    let outline = world::outline(&component.bytes).map_err(about)?;
    let inspection = Inspection {
        size: component.bytes.len(),
        digest: Digest::of(&component.bytes).to_string(),
        capsule,
        imports: outline.imports,
        exports: outline.exports,
        wit: outline.wit,
        component: path.clone(),
    };
    match arguments.output {
        Output::Text if inspect.wit => report::result(inspection.wit.as_bytes()),
        Output::Text => report::text(&inspection.text()),
        Output::Json => report::json(&inspection),
    }
}

/// Opens a component alone, or one with its manifest.
fn open(
    inspect: &Inspect,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done<(Component, Option<Capsule>)> {
    let named = inspect.capsule.as_path();
    if is_component(named) {
        return Ok((Component::read(named)?, None));
    }
    let project = Project::open(named)?;
    let component = Present::required(&project, inspect.build, reporter)?.component;
    let manifest = &project.manifest;
    let operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    let grants = operator.given(manifest, Some(component.digest))?.grants();
    let held = Permissions::new(&manifest.requests, &grants).held();
    let capsule = Capsule {
        id: manifest.id.to_string(),
        version: manifest.version.to_string(),
        granted: held.into_iter().map(|held| held.name).collect(),
        missing: missing(manifest, &grants, operator.confinement())
            .iter()
            .map(Grant::to_string)
            .collect(),
    };
    Ok((component, Some(capsule)))
}

impl Inspection {
    fn text(&self) -> String {
        let mut text = Sections::default();
        if let Some(capsule) = &self.capsule {
            text.line(&format!("{} {}", capsule.id, capsule.version));
        }
        text.line(&format!(
            "component  {}\nsize       {} bytes\ndigest     {}",
            self.component, self.size, self.digest
        ));
        text.section("imports", &self.imports);
        text.section("exports", &self.exports);
        if let Some(capsule) = &self.capsule {
            text.section("is granted", &capsule.granted);
            text.section("is not granted", &capsule.missing);
        }
        text.line("wit");
        text.line(&self.wit);
        text.into()
    }
}
