//! A parsed manifest has the content that its text was written from, whatever that is.

use std::fmt::Write as _;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;

/// The content of a manifest, from which its text is written.
#[derive(Debug, Clone)]
struct Said {
    id: String,
    version: (u8, u8, u8),
    description: Option<String>,
    processes: Vec<(String, Vec<String>, bool)>,
    files: BTreeMap<String, bool>,
    network: BTreeMap<String, Option<u16>>,
    config: BTreeMap<String, (Kind, bool)>,
    actions: BTreeMap<String, Option<String>>,
    publish: Vec<String>,
    hooks: Vec<Hook>,
    requires: BTreeMap<String, (u8, u8)>,
    instance: Instance,
    ready: Option<u32>,
}

#[derive(Debug, Clone)]
struct Hook {
    topic: String,
    action: String,
    priority: Option<i32>,
    timeout: Option<u32>,
    goes_on: bool,
}

#[derive(Debug, Clone)]
struct Instance {
    resident: bool,
    memory: Option<u32>,
    time: Option<u32>,
    queue: Option<u32>,
    /// Only written for the fresh mode.
    concurrency: Option<u32>,
}

#[derive(Debug, Clone)]
enum Kind {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Enum(Vec<String>),
}

impl Kind {
    /// Returns its name, the text of its default in TOML, and that text after parsing.
    fn parts(&self) -> (&'static str, String, String) {
        match self {
            Self::Text(text) => ("string", quoted(text), text.clone()),
            Self::Integer(number) => ("integer", number.to_string(), number.to_string()),
            Self::Boolean(flag) => ("boolean", flag.to_string(), flag.to_string()),
            Self::Enum(words) => ("enum", quoted(&words[0]), words[0].clone()),
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(words: &[String]) -> String {
    toml::Value::from(words.to_vec()).to_string()
}

impl Said {
    fn text(&self) -> String {
        let (major, minor, patch) = self.version;
        let mut text = format!(
            "[capsule]\nid = {}\nversion = \"{major}.{minor}.{patch}\"\n",
            quoted(&self.id)
        );
        let mut add = |line: String| writeln!(text, "{line}").expect("a String takes all");
        if let Some(description) = &self.description {
            add(format!("description = {}", quoted(description)));
        }
        for (program, args, writes) in &self.processes {
            add(format!("[[process]]\nprogram = {}", quoted(program)));
            add(format!("args = {}", list(args)));
            if *writes {
                add("workspace = \"read-write\"".to_owned());
            }
        }
        for (path, writes) in &self.files {
            add(format!("[[files]]\npath = {}", quoted(path)));
            if *writes {
                add("access = \"read-write\"".to_owned());
            }
        }
        for (host, port) in &self.network {
            let port = port.map_or("\"*\"".to_owned(), |port| port.to_string());
            add(format!(
                "[[network]]\nhost = {}\nport = {port}",
                quoted(host)
            ));
        }
        for (key, (kind, has_default)) in &self.config {
            let (name, default, _) = kind.parts();
            add(format!("[config.{}]\ntype = \"{name}\"", quoted(key)));
            if let Kind::Enum(words) = kind {
                add(format!("values = {}", list(words)));
            }
            if *has_default {
                add(format!("default = {default}"));
            }
        }
        for (name, description) in &self.actions {
            add(format!("[[action]]\nname = {}", quoted(name)));
            if let Some(description) = description {
                add(format!("description = {}", quoted(description)));
            }
        }
        for topic in &self.publish {
            add(format!("[[publish]]\ntopic = \"{topic}\""));
        }
        for hook in &self.hooks {
            let Hook { topic, action, .. } = hook;
            add(format!(
                "[[hook]]\ntopic = \"{topic}\"\naction = {}",
                quoted(action)
            ));
            if let Some(priority) = hook.priority {
                add(format!("priority = {priority}"));
            }
            if let Some(timeout) = hook.timeout {
                add(format!("timeout-ms = {timeout}"));
            }
            if hook.goes_on {
                add("on-failure = \"continue\"".to_owned());
            }
        }
        let mode = if self.instance.resident {
            "resident"
        } else {
            "fresh"
        };
        add(format!("[instance]\nmode = \"{mode}\""));
        for (key, number) in [
            ("memory-mib", self.instance.memory),
            ("time-ms", self.instance.time),
            ("queue", self.instance.queue),
            ("concurrency", self.concurrency()),
        ] {
            if let Some(number) = number {
                add(format!("{key} = {number}"));
            }
        }
        if let Some(ready) = self.ready {
            add(format!("[service]\nready-ms = {ready}"));
        }
        add("[requires]".to_owned());
        for (id, (major, minor)) in &self.requires {
            add(format!("{id} = \"^{major}.{minor}\""));
        }
        text
    }

    fn concurrency(&self) -> Option<u32> {
        self.instance
            .concurrency
            .filter(|_| !self.instance.resident)
    }

    /// Fails unless the manifest has the same topics, instance settings and others.
    fn check_life(&self, manifest: &Manifest) -> Result<(), TestCaseError> {
        let publish = manifest.requests.publish.iter();
        let publish: Vec<_> = publish.map(|request| request.topic.to_string()).collect();
        prop_assert_eq!(publish, self.publish.clone());
        prop_assert_eq!(manifest.requests.subscribe.len(), self.hooks.len());
        let ms = |ms: u32| Duration::from_millis(ms.into());
        for (found, said) in manifest.requests.subscribe.iter().zip(&self.hooks) {
            prop_assert_eq!(found.topic.to_string(), said.topic.as_str());
            prop_assert_eq!(&found.action, &said.action);
            prop_assert_eq!(found.priority, said.priority.unwrap_or(100));
            prop_assert_eq!(found.timeout, ms(said.timeout.unwrap_or(5_000)));
            prop_assert_eq!(found.on_failure == OnFailure::Continue, said.goes_on);
        }
        let instance = InstanceRequest {
            mode: match self.instance.resident {
                true => InstanceMode::Resident,
                false => InstanceMode::Fresh,
            },
            memory: self.instance.memory.map(|mib| u64::from(mib) << 20),
            time: self.instance.time.map(ms),
            concurrency: self.concurrency(),
            queue: self.instance.queue,
            ..InstanceRequest::default()
        };
        prop_assert_eq!(manifest.instance, instance);
        prop_assert_eq!(manifest.service.ready, self.ready.map(ms));
        let requires = self.requires.iter().map(|(id, (major, minor))| {
            let versions = format!("^{major}.{minor}").parse().expect("versions");
            (id.parse().expect("an id"), versions)
        });
        prop_assert_eq!(&manifest.requires, &requires.collect::<BTreeMap<_, _>>());
        Ok(())
    }

    /// Fails unless the manifest has the same content.
    fn check(&self, manifest: &Manifest) -> Result<(), TestCaseError> {
        let (major, minor, patch) = self.version;
        prop_assert_eq!(manifest.id.as_str(), &self.id);
        let version = semver::Version::new(major.into(), minor.into(), patch.into());
        prop_assert_eq!(&manifest.version, &version);
        prop_assert_eq!(&manifest.description, &self.description);
        let processes = manifest.requests.processes.iter().map(|request| {
            let args = request.args.words().map(str::to_owned).collect();
            let writes = request.workspace == crate::policy::WorkspaceAccess::ReadWrite;
            (request.program.to_string(), args, writes)
        });
        prop_assert_eq!(processes.collect::<Vec<_>>(), self.processes.clone());
        let files = manifest.requests.files.iter();
        let files = files.map(|request| {
            let writes = request.access == FileAccess::ReadWrite;
            (request.path.to_string(), writes)
        });
        prop_assert_eq!(files.collect::<BTreeMap<_, _>>(), self.files.clone());
        let network = manifest.requests.network.iter().map(|request| {
            let port = request.endpoint.port.to_string().parse().ok();
            (request.endpoint.host.to_string(), port)
        });
        prop_assert_eq!(network.collect::<BTreeMap<_, _>>(), self.network.clone());
        prop_assert_eq!(manifest.config.len(), self.config.len());
        for (key, (kind, has_default)) in &self.config {
            let (name, _, default) = kind.parts();
            let found = &manifest.config[key];
            prop_assert_eq!(found.value_type.name(), name);
            prop_assert_eq!(&found.default, &has_default.then_some(default));
        }
        let actions = manifest.actions.iter();
        let actions = actions.map(|action| (action.name.clone(), action.description.clone()));
        prop_assert_eq!(actions.collect::<BTreeMap<_, _>>(), self.actions.clone());
        self.check_life(manifest)
    }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        any::<String>().prop_map(Kind::Text),
        any::<i64>().prop_map(Kind::Integer),
        any::<bool>().prop_map(Kind::Boolean),
        vec("[a-z]{1,5}", 1..4).prop_map(Kind::Enum),
    ]
}

fn any_said() -> impl Strategy<Value = Said> {
    let head = (
        "[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?",
        any::<(u8, u8, u8)>(),
        option::of(any::<String>()),
    );
    let args = vec(r#"[a-z'" \\=-]{0,6}"#, 0..4);
    let asks = (
        vec(("[a-z]{1,6}", args, any::<bool>()), 0..3),
        btree_map("(/[a-z \"']{1,4}[a-z]){1,3}", any::<bool>(), 0..3),
        btree_map(
            "(\\*\\.)?[a-z]{1,5}\\.[a-z]{1,5}",
            option::of(1..=u16::MAX),
            0..3,
        ),
    );
    let rest = (
        btree_map("[a-zA-Z0-9._ä-]{1,8}", (any_kind(), any::<bool>()), 0..4),
        btree_map("[a-z]{1,8}", option::of(any::<String>()), 0..4),
    );
    (head, asks, rest, any_life()).prop_map(
        |(
            (id, version, description),
            (processes, files, network),
            (config, actions),
            (publish, hooks, requires, instance, ready),
        )| {
            // A capsule does not require itself.
            let requires = requires
                .into_iter()
                .filter(|(other, _)| *other != id)
                .collect();
            Said {
                id,
                version,
                description,
                processes,
                files,
                network,
                config,
                actions,
                publish,
                hooks,
                requires,
                instance,
                ready,
            }
        },
    )
}

type Life = (
    Vec<String>,
    Vec<Hook>,
    BTreeMap<String, (u8, u8)>,
    Instance,
    Option<u32>,
);

fn any_life() -> impl Strategy<Value = Life> {
    let topic = "([a-z0-9-]{1,3}|\\*)(\\.([a-z]{1,3}|\\*)){0,2}(\\.\\*\\*)?";
    let number = || option::of(1..100_000u32);
    let hook = (
        topic,
        "[a-z \"\\\\]{1,6}",
        option::of(any::<i32>()),
        number(),
        any::<bool>(),
    );
    let hook = hook.prop_map(|(topic, action, priority, timeout, goes_on)| Hook {
        topic,
        action,
        priority,
        timeout,
        goes_on,
    });
    let instance = (any::<bool>(), number(), number(), number(), number());
    let instance = instance.prop_map(|(resident, memory, time, queue, concurrency)| Instance {
        resident,
        memory,
        time,
        queue,
        concurrency,
    });
    (
        vec(topic, 0..3),
        vec(hook, 0..3),
        btree_map("[a-z]{1,4}", any::<(u8, u8)>(), 0..3),
        instance,
        number(),
    )
}

proptest! {
    #[test]
    fn a_manifest_says_what_it_was_written_from(said in any_said()) {
        let text = said.text();
        let manifest = Manifest::parse("Capsule.toml", &text)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        said.check(&manifest)?;
    }

    #[test]
    fn no_text_makes_the_parser_panic(said in any_said(), cut in any::<prop::sample::Index>()) {
        let text = said.text();
        let mut end = cut.index(text.len() + 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        if let Err(error) = Manifest::parse("Capsule.toml", &text[..end]) {
            prop_assert!(error.position.is_some(), "{error}");
        }
    }
}
