//! The tables that a schema describes, and documents in which such a table stands.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// A table of a file.
#[derive(Clone)]
pub(super) struct Table {
    /// The schema of the whole file.
    root: Value,
    path: Vec<Step>,
    pub(super) node: Value,
}

/// A step from the root of a document to a table in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    /// A key that whoever writes the file chooses, such as this one.
    Any(String),
    /// An entry of a list.
    Item,
}

/// All tables of a schema that have keys of their own.
pub(super) fn tables(root: &Value) -> Vec<Table> {
    let mut found = Vec::new();
    collect(root, root, Vec::new(), &mut found);
    found
}

fn collect(root: &Value, node: &Value, path: Vec<Step>, found: &mut Vec<Table>) {
    let below = |step: Step| [&path[..], &[step]].concat();
    if let Some(keys) = node["properties"].as_object() {
        found.push(Table {
            root: root.clone(),
            path: path.clone(),
            node: node.clone(),
        });
        for (key, value) in keys {
            collect(root, value, below(Step::Key(key.clone())), found);
        }
    } else if node["additionalProperties"].is_object() {
        let any = Step::Any(any_key(node));
        collect(root, &node["additionalProperties"], below(any), found);
    } else if node["items"].is_object() {
        collect(root, &node["items"], below(Step::Item), found);
    }
}

/// A key of a table whose keys are chosen by whoever writes the file.
fn any_key(node: &Value) -> String {
    let example = node["propertyNames"]["examples"][0].as_str();
    example.unwrap_or("sample").to_owned()
}

impl Table {
    /// The keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let keys = self.node["properties"].as_object();
        keys.into_iter().flatten().map(|(key, _)| key.as_str())
    }

    pub(super) fn key(&self, key: &str) -> &Value {
        &self.node["properties"][key]
    }

    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        strings(&self.node["required"])
    }

    /// The keys that take one of some words.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, BTreeSet<String>)> {
        self.keys().filter_map(|key| {
            let words = self.key(key)["enum"].as_array()?;
            let words = words.iter().filter_map(Value::as_str).map(str::to_owned);
            Some((key, words.collect()))
        })
    }

    /// The keys that take whole numbers, from the least to the most.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (&str, i64, i64)> {
        self.keys().flat_map(|key| {
            let node = self.key(key);
            let forms = node["oneOf"].as_array().into_iter().flatten();
            let numbers = forms.chain([node]).filter(|form| form["type"] == "integer");
            numbers.map(move |form| {
                let bound = |name: &str| form[name].as_i64().expect("a bound");
                (key, bound("minimum"), bound("maximum"))
            })
        })
    }

    /// The smallest document with this table.
    pub(super) fn document(&self) -> toml::Table {
        self.changed(minimal(&self.node))
    }

    /// The same without a key.
    pub(super) fn without(&self, key: &str) -> toml::Table {
        let mut table = minimal(&self.node);
        table.remove(key);
        self.changed(table)
    }

    /// The same with a key, and with the keys that this one needs beside it.
    pub(super) fn with(&self, key: &str, value: toml::Value) -> toml::Table {
        let mut table = minimal(&self.node);
        for other in strings(&self.node["dependencies"][key]) {
            table.insert(other.to_owned(), example(self.key(other)));
        }
        table.insert(key.to_owned(), value);
        self.changed(table)
    }

    /// The same with a key as the schema shows it.
    pub(super) fn with_example(&self, key: &str) -> toml::Table {
        let whole = self.node["examples"].as_array().into_iter().flatten();
        match whole.map(toml).find(|whole| whole.get(key).is_some()) {
            Some(toml::Value::Table(whole)) => self.changed(whole),
            _ => self.with(key, example(self.key(key))),
        }
    }

    /// A value of a type that a key does not take, if there is one.
    pub(super) fn wrong(&self, key: &str) -> Option<toml::Value> {
        let node = self.key(key);
        let wrong = match node["type"].as_str() {
            Some("integer" | "boolean") => "text".into(),
            Some(_) => toml::Value::Integer(1),
            None if node["enum"].is_array() => toml::Value::Integer(1),
            None if node["const"] == true => "text".into(),
            None if node["oneOf"].is_array() || node["anyOf"].is_array() => 1.5.into(),
            None => return None,
        };
        Some(wrong)
    }

    /// A document that has `table` in this table's place.
    fn changed(&self, table: toml::Table) -> toml::Table {
        if self.path.is_empty() {
            return table;
        }
        let mut document = toml::Value::Table(minimal(&self.root));
        *place(&mut document, &self.root, &self.path) = toml::Value::Table(table);
        match document {
            toml::Value::Table(document) => document,
            _ => panic!("a document is a table"),
        }
    }

    /// How the table's head is written, with `ID` for keys that are chosen.
    pub(super) fn head(&self) -> String {
        let list = self.path.last() == Some(&Step::Item);
        let words = self.path.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Any(_) => Some("NAME".to_owned()),
            Step::Item => None,
        });
        let name = words.collect::<Vec<_>>().join(".");
        match list {
            true => format!("[[{name}]]"),
            false => format!("[{name}]"),
        }
    }

    /// The key of the file that the table lies below; none for the file itself.
    pub(super) fn top(&self) -> Option<&str> {
        match self.path.first() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }

    /// What stands in the schema about the table, beside what it is in.
    pub(super) fn about(&self) -> &str {
        let mut node = &self.root;
        let mut about = "";
        for step in &self.path {
            node = below(node, step);
            about = node["description"].as_str().unwrap_or(about);
        }
        about
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head())
    }
}

/// The schema of what a step leads to.
fn below<'a>(node: &'a Value, step: &Step) -> &'a Value {
    match step {
        Step::Key(key) => &node["properties"][key],
        Step::Any(_) => &node["additionalProperties"],
        Step::Item => &node["items"],
    }
}

/// The value that a path leads to; what is missing on the way is made.
fn place<'a>(value: &'a mut toml::Value, node: &Value, path: &[Step]) -> &'a mut toml::Value {
    let Some((step, rest)) = path.split_first() else {
        return value;
    };
    let node = below(node, step);
    let inner = match (value, step) {
        (toml::Value::Table(table), Step::Key(key) | Step::Any(key)) => {
            let made = match node["items"].is_object() {
                true => toml::Value::Array(Vec::new()),
                false => toml::Value::Table(minimal(node)),
            };
            table.entry(key.clone()).or_insert(made)
        }
        (toml::Value::Array(list), Step::Item) => {
            if list.is_empty() {
                list.push(toml::Value::Table(minimal(node)));
            }
            &mut list[0]
        }
        (value, step) => panic!("{step:?} in {value}"),
    };
    place(inner, node, rest)
}

/// A table with what it has to have.
fn minimal(node: &Value) -> toml::Table {
    let required = strings(&node["required"]);
    let keys = required.map(|key| (key.to_owned(), example(&node["properties"][key])));
    keys.collect()
}

/// What the schema shows of a value.
fn example(node: &Value) -> toml::Value {
    match &node["examples"][0] {
        Value::Null if node["items"].is_object() => {
            toml::Value::Array(vec![toml::Value::Table(minimal(&node["items"]))])
        }
        Value::Null if node["properties"].is_object() => toml::Value::Table(minimal(node)),
        Value::Null => {
            let entry = (any_key(node), example(&node["additionalProperties"]));
            toml::Value::Table([entry].into_iter().collect())
        }
        shown => toml(shown),
    }
}

fn toml(value: &Value) -> toml::Value {
    toml::Value::try_from(value).expect("TOML has it")
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
