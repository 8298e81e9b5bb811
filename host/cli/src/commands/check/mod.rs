//! `boll check`: what a capsule imports, asks for and is granted.

mod config;
mod imports;
mod strict;
mod toolchain;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use boll_host::Surface;
use boll_host::capsule::{ConfigValue, Manifest};
use boll_host::plain::shortened;
use boll_host::policy::{
    ArbitraryCode, CodeVariable, Confinement, Grant, OnFailure, Permissions, ProcessRequest,
};
use boll_host::sandbox::Sandbox;
use boll_host::services::log::{LogSettings, TracingSink};
use clap::Args;
use serde::Serialize;

use self::config::{config_note, config_source};
use self::imports::{Import, imports};
use self::strict::Lacking;
use self::toolchain::Toolchain;
use super::Verb;
use super::runs::runs;
use crate::args::App;
use crate::complete;
use crate::configuration;
use crate::failure::{Code, Done, Failure};
use crate::grants::{described, for_good, useless, variables_of, with_missing};
use crate::host::workspace::FolderJudge;
use crate::interrupt::unless_told;
use crate::project::{Component, Present, Project};
use crate::protected;
use crate::report::sections::Sections;
use crate::session;

/// List what a capsule imports, what it asks for and what it is granted
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".", add = complete::capsule_or_component())]
    capsule: PathBuf,

    /// Build the component first if it is stale, which runs the project's build scripts
    #[arg(long)]
    build: bool,

    /// Test its world against the contract instead; works for any component, also a
    /// `.wasm` file
    #[arg(long, conflicts_with_all = ["workspace", "allow"])]
    world: bool,

    /// Fail with exit code 3 unless it would run as it is: if a grant is missing, the workspace
    /// would be refused, the component is stale, the sandbox is weaker than bubblewrap, or --allow
    /// allows nothing that is asked for
    #[arg(long, conflicts_with = "world")]
    strict: bool,

    /// The folder that capsules see as /workspace [default: the current folder]
    #[arg(long, value_name = "DIR", add = complete::folder())]
    workspace: Option<PathBuf>,

    /// Decide as if this were granted, too; may be repeated
    #[arg(long, value_name = "GRANT", add = complete::grant())]
    allow: Vec<Grant>,
}

impl Verb for Check {
    fn run(&self, app: &App) -> Done {
        if self.world {
            return world::run(&self.capsule, self.build, app);
        }
        let project = Project::open(&self.capsule)?;
        let workspace = session::workspace(self.workspace.as_deref())?;
        let mut operator = app.operator()?;
        operator.in_workspace(&workspace);
        let present = Present::of(&project, self.build, &app.reporter)?;
        let state = match &present {
            None => "missing",
            Some(present) if present.stale => "stale",
            Some(_) => "fresh",
        };
        let component = present.map(|present| present.component);
        let digest = component.as_ref().map(|component| component.digest);
        let given = operator.given(&project.manifest, digest)?;
        let config = configuration::gather(&project.manifest, &given, std::env::vars_os(), &[])?;
        let mut grants = given.grants();
        grants.extend(self.allow.iter().cloned());
        let protected = protected::of([&project].into_iter())?;
        let requests = &project.manifest.requests;
        let permissions = Permissions::new(requests, &grants);
        let judge = FolderJudge {
            operator: &operator,
            workspace: &workspace,
            protected: &protected,
        };
        judge.require_folders(requests, &grants)?;
        let sandbox = session::sandbox(&workspace, &operator, &protected)?;
        // With all that it asks for: no grant is worth giving to a run that is refused.
        let all = with_missing(&project.manifest, &grants, sandbox.confinement());
        let refused = judge.workspace(requests, &all).err();

        let path = component
            .as_ref()
            .map(|component| component.path.display().to_string());
        let (surface, problem) = match component {
            Some(component) => {
                let (surface, problem) = outside(component, &project.manifest)?;
                (Some(surface), problem)
            }
            None => (None, Some(not_built(&project))),
        };
        let manifest = &project.manifest;
        let overview = Overview {
            id: manifest.id.to_string(),
            version: manifest.version.to_string(),
            digest: digest.map(|digest| digest.to_string()),
            state,
            imports: surface.as_ref().map(imports).unwrap_or_default(),
            exports: surface.map_or_else(Vec::new, |surface| surface.exports.into_iter().collect()),
            refused: refused.map(|unfit| unfit.message().to_owned()),
            runs: runs(manifest, &operator.limits()),
            asks: asks(manifest, &config, &sandbox),
            granted: permissions
                .held()
                .into_iter()
                .map(|held| Capability {
                    name: held.name,
                    scope: held.scope,
                })
                .collect(),
            sandbox: sandbox.settings().backend.to_string(),
            tools: operator.tools().iter().map(Toolchain::of).collect(),
            missing: permissions
                .missing(sandbox.confinement())
                .iter()
                .map(Grant::to_string)
                .collect(),
            not_asked_for: useless(manifest, &self.allow, sandbox.confinement())
                .iter()
                .map(Grant::to_string)
                .collect(),
            component: path,
        };
        app.prose(&overview.text(), &overview)?;
        if let Some(problem) = problem {
            return Err(problem);
        }
        if !self.strict {
            return Ok(());
        }
        let missing = permissions.missing(sandbox.confinement());
        let how = || for_good(manifest, &operator, digest, &missing);
        let starts = !requests.processes.is_empty();
        let lacking = Lacking {
            id: &overview.id,
            missing: &overview.missing,
            refused: overview.refused.as_deref(),
            stale: overview.state == "stale",
            backend: starts.then_some(sandbox.settings().backend),
            useless: &overview.not_asked_for,
        };
        lacking.require_nothing(how)?;
        match starts {
            true => session::require_working(&sandbox),
            false => Ok(()),
        }
    }
}

/// Reads the imports and exports of a component, and why this host cannot load it with
/// the manifest, if it cannot.
fn outside(component: Component, manifest: &Manifest) -> Done<(Surface, Option<Failure>)> {
    session::block_on(unless_told(async {
        // Nothing is called, so nothing is logged.
        let builder = session::builder(LogSettings::default(), TracingSink)?;
        let runtime = session::build(builder)?;
        let about = |failure: Failure| {
            let path = component.path.display();
            failure.hint(format!("the component is {path}"))
        };
        let checked = runtime.check(component.bytes, manifest).await;
        let (surface, unfit) = checked.map_err(|error| about(error.into()))?;
        let problem = unfit.map(|error| about(Failure::from_error(Code::Input, &error)));
        Ok((surface, problem))
    }))
}

fn not_built(project: &Project) -> Failure {
    let id = &project.manifest.id;
    let text = format!("{id} is not built: its imports and exports were not checked");
    let folder = project.folder().display();
    Failure::new(Code::Input, text).hint(format!(
        "building it runs its build scripts as you; use --build, or:\nboll build {folder}"
    ))
}

/// Everything that is shown of a capsule.
#[derive(Serialize)]
struct Overview {
    id: String,
    version: String,
    component: Option<String>,
    digest: Option<String>,
    /// Whether the component exists, and whether a source is newer.
    #[serde(rename = "component_state")]
    state: &'static str,
    /// Why a run would not give its processes the workspace.
    #[serde(rename = "workspace_refused", skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// The confinement of its processes.
    sandbox: String,
    /// The toolchains that the operator gives processes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Toolchain>,
    imports: Vec<Import>,
    exports: Vec<String>,
    /// How it is run, as far as its manifest says.
    runs: Vec<String>,
    asks: Vec<Ask>,
    granted: Vec<Capability>,
    missing: Vec<String>,
    /// Grants on the command line that change nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_asked_for: Vec<String>,
}

#[derive(Serialize)]
struct Ask {
    capability: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Where a configuration value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arbitrary_code: Option<ArbitraryCode>,
    /// The variables that the capsule sets for its processes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variables: Vec<Variable>,
    /// Why the program could not be started.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_found: Option<String>,
    #[serde(skip)]
    confinement: Confinement,
}

impl Ask {
    /// Returns what is asked for, with nothing else known of it.
    fn of(capability: String, scope: impl fmt::Display) -> Self {
        Self {
            capability,
            scope: scope.to_string(),
            note: None,
            from: None,
            arbitrary_code: None,
            variables: Vec::new(),
            not_found: None,
            confinement: Confinement::Sandboxed,
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.capability, self.scope)?;
        if let Some(note) = &self.note {
            write!(f, " ({note})")?;
        }
        if let Some(not_found) = &self.not_found {
            write!(f, "\n    {not_found}")?;
        }
        if let Some(code) = &self.arbitrary_code {
            write!(f, "\n    {}", code.on_host(self.confinement))?;
        }
        for variable in &self.variables {
            write!(f, "\n    {}", described(&variable.name))?;
        }
        Ok(())
    }
}

/// A variable that a capsule sets for a process.
#[derive(Serialize)]
pub(in crate::commands) struct Variable {
    name: String,
    /// The way in which it runs code, if it is known to.
    #[serde(skip_serializing_if = "Option::is_none")]
    arbitrary_code: Option<&'static str>,
}

impl Variable {
    pub(in crate::commands) fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            arbitrary_code: CodeVariable::of(name).map(|code| code.reason),
        }
    }

    pub(in crate::commands) fn name(&self) -> &str {
        &self.name
    }
}

#[derive(Serialize)]
struct Capability {
    name: String,
    scope: String,
}

fn asks(
    manifest: &Manifest,
    config: &BTreeMap<String, ConfigValue>,
    sandbox: &Sandbox,
) -> Vec<Ask> {
    let requests = &manifest.requests;
    let processes = requests.processes.iter().map(|request| {
        let scope = format!("{} {}", request.program, request.args);
        Ask {
            note: process_note(request, sandbox),
            arbitrary_code: session::arbitrary_code(sandbox, request.program.as_str()),
            variables: variables_of(request).map(Variable::of).collect(),
            not_found: session::not_startable(sandbox, request.program.as_str()),
            confinement: sandbox.confinement(),
            ..Ask::of(request.as_grant().capability(), scope.trim_end())
        }
    });
    let effect = |grant: Grant, scope: &dyn fmt::Display| Ask {
        note: Some(grant.effect()),
        ..Ask::of(grant.capability(), scope)
    };
    let files = requests.files.iter();
    let files = files.map(|request| effect(request.as_grant(), &request.path));
    let network = requests.network.iter();
    let network = network.map(|request| effect(request.as_grant(), &request.endpoint));
    let interfaces = requests.interfaces.iter();
    let interfaces = interfaces.map(|request| effect(request.as_grant(), &request.name));
    let topics = topics(manifest).map(|(grant, note)| Ask {
        note,
        ..Ask::of(grant.capability(), grant.effect())
    });
    let config = manifest.config.iter().map(|(name, key)| Ask {
        note: config_note(key, config.get(name)),
        from: config_source(key, config.get(name)),
        ..Ask::of(format!("config:{name}"), &key.value_type)
    });
    let access = files.chain(network).chain(interfaces).chain(topics);
    processes.chain(access).chain(config).collect()
}

/// Returns the topics that it publishes and subscribes to.
fn topics(manifest: &Manifest) -> impl Iterator<Item = (Grant, Option<String>)> {
    let requests = &manifest.requests;
    let publish = requests.publish.iter();
    let subscribe = requests.subscribe.iter().map(|hook| {
        let on_failure = match hook.on_failure {
            OnFailure::Stop => "stops a chain when it fails",
            OnFailure::Continue => "lets a chain continue when it fails",
        };
        let note = format!(
            "action {}, priority {}, {} ms, {on_failure}",
            hook.action,
            hook.priority,
            hook.timeout.as_millis()
        );
        (Grant::Subscribe(hook.topic.clone()), Some(note))
    });
    publish
        .map(|request| (Grant::Publish(request.topic.clone()), None))
        .chain(subscribe)
}

fn process_note(request: &ProcessRequest, sandbox: &Sandbox) -> Option<String> {
    let effects: Vec<String> = request
        .further_grants(sandbox.confinement())
        .map(|grant| grant.effect())
        .collect();
    (!effects.is_empty()).then(|| effects.join("; "))
}

impl Overview {
    fn text(&self) -> String {
        let mut text = Sections::default();
        text.line(&format!(
            "{} {}\n  component  {}\n  digest     {}\n  sandbox    {}",
            self.id,
            shortened(&self.version),
            self.component.as_deref().unwrap_or("not built"),
            self.digest.as_deref().unwrap_or("not built"),
            self.sandbox
        ));
        for tool in &self.tools {
            text.line(&format!("  tools      {tool}"));
        }
        if self.state == "stale" {
            text.line("  stale      a source is newer than the component");
        }
        if let Some(refused) = &self.refused {
            text.line(&format!("  refused    {refused}"));
        }
        let imports: Vec<String> = self
            .imports
            .iter()
            .map(|import| match import.functions.as_slice() {
                [] => import.interface.clone(),
                functions => format!("{}  {}", import.interface, functions.join(", ")),
            })
            .collect();
        text.section("runs", &self.runs);
        if self.component.is_some() {
            text.section("imports", &imports);
            text.section("exports", &self.exports);
        } else {
            text.section("imports", &["unknown: it is not built"]);
            text.section("exports", &["unknown: it is not built"]);
        }
        let asks: Vec<String> = self.asks.iter().map(Ask::to_string).collect();
        text.section("asks for", &asks);
        let granted: Vec<String> = self
            .granted
            .iter()
            .map(|held| format!("{}  {}", held.name, held.scope))
            .collect();
        text.section("is granted", &granted);
        text.section("is not granted", &self.missing);
        if !self.not_asked_for.is_empty() {
            text.section(
                "is allowed by --allow, and not asked for",
                &self.not_asked_for,
            );
        }
        text.into()
    }
}
