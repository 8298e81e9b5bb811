//! `boll inspect`: shows a component from the outside.

use std::path::PathBuf;

use boll_host::policy::{Grant, Permissions};
use clap::Args;
use serde::Serialize;

use super::Verb;
use crate::args::App;
use crate::complete;
use crate::failure::{Done, Failure};
use crate::project::{Component, Present, Project, is_component};
use crate::report::{self, sections::Sections};
use crate::session;
use crate::world;

/// Show a component's size, digest, imports, exports and WIT
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The capsule's folder, its Capsule.toml, or a component's `.wasm` file
    #[arg(default_value = ".", add = complete::capsule_or_component())]
    capsule: PathBuf,

    /// Build the component first if it is stale, which runs the project's build scripts
    #[arg(long)]
    build: bool,

    /// Print only its WIT
    #[arg(long)]
    wit: bool,
}

/// The description of a component.
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

/// The part of the description that comes from the manifest.
#[derive(Serialize)]
struct Capsule {
    id: String,
    version: String,
    granted: Vec<String>,
    missing: Vec<String>,
}

impl Verb for Inspect {
    fn run(&self, app: &App) -> Done {
        let (component, capsule) = self.open(app)?;
        let path = component.path.display().to_string();
        let about = |error| Failure::from(error).hint(format!("the component is {path}"));
        let outline = world::outline(&component.bytes).map_err(about)?;
        let inspection = Inspection {
            size: component.bytes.len(),
            digest: component.digest.to_string(),
            capsule,
            imports: outline.imports,
            exports: outline.exports,
            wit: outline.wit,
            component: path.clone(),
        };
        if self.wit && !app.is_json() {
            return report::result(inspection.wit.as_bytes());
        }
        app.description(&inspection.text(), &inspection)
    }
}

impl Inspect {
    /// Opens a component alone, or one with its manifest.
    fn open(&self, app: &App) -> Done<(Component, Option<Capsule>)> {
        if is_component(&self.capsule) {
            return Ok((Component::read(&self.capsule)?, None));
        }
        let project = Project::open(&self.capsule)?;
        let component = Present::required(&project, self.build, &app.reporter)?.component;
        let manifest = &project.manifest;
        let mut operator = app.operator()?;
        operator.in_workspace(&session::workspace(None)?);
        let given = operator.given(manifest, Some(component.digest))?;
        let grants = given.grants();
        let permissions = Permissions::new(&manifest.requests, &grants);
        let missing = permissions.missing(operator.confinement());
        let capsule = Capsule {
            id: manifest.id.to_string(),
            version: manifest.version.to_string(),
            granted: permissions
                .held()
                .into_iter()
                .map(|held| held.name)
                .collect(),
            missing: missing.iter().map(Grant::to_string).collect(),
        };
        Ok((component, Some(capsule)))
    }
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
