//! The reference page of a file, from its schema. The order is that of the parser.

use std::fmt::Write as _;

use serde_json::Value;

use super::parser::Parser;
use super::table::{Table, tables};
use super::{Schema, keys};

/// The page's name.
pub(super) fn file(schema: Schema) -> &'static str {
    match schema {
        Schema::Capsule => "capsule-toml.md",
        Schema::Cases => "cases.md",
        Schema::Operator => "boll-toml.md",
    }
}

/// The page, in Markdown.
pub(super) fn of(schema: Schema) -> String {
    let (root, parser) = (schema.json(), Parser::of(schema));
    let tables = tables(&root);
    let mut page = format!(
        "# {}\n\n{}\n\n{}\n",
        text(&root["title"]),
        text(&root["description"]),
        about(schema)
    );
    let whole = tables.first().expect("the file itself");
    for key in keys(&parser, whole) {
        let node = whole.key(&key);
        let mut below = tables
            .iter()
            .filter(|table| table.top() == Some(&*key))
            .peekable();
        if below.peek().is_none() {
            let _ = write!(page, "\n## `[{key}]`\n\n{}\n", text(&node["description"]));
            let _ = write!(
                page,
                "\n```toml\n[{key}]\n{}```\n",
                shown(&node["examples"][0])
            );
        }
        for table in below {
            section(&mut page, table, &keys(&parser, table));
        }
    }
    page
}

/// How the file comes to its schema.
fn about(schema: Schema) -> String {
    let name = format!("{schema:?}").to_lowercase();
    let place = match schema {
        Schema::Capsule => {
            "`boll new` writes it into a project as `schema/capsule.json`, \
             and names it in the first line of the manifest."
        }
        Schema::Cases => {
            "`boll new` writes it into a project as `schema/cases.json`, and \
             names it in the first line of the cases."
        }
        Schema::Operator => {
            "Save it beside the file, and name it there in a first line \
             `#:schema ./operator.json`."
        }
    };
    format!(
        "An unknown key is an error. `boll schema {name}` prints a JSON Schema of the file, with\n\
         which editors complete and check it (Even Better TOML, taplo). {place}\n\n\
         This page is made from that schema; a test compares it with the parser."
    )
}

fn section(page: &mut String, table: &Table, keys: &[String]) {
    let _ = write!(page, "\n## `{table}`\n");
    let _ = write!(page, "\n{}\n", table.about());
    page.push_str("\n| key | takes | default | means |\n|---|---|---|---|\n");
    for key in keys {
        let node = table.key(key);
        let default = match &node["default"] {
            Value::Null if table.required().any(|name| name == key) => "required".to_owned(),
            Value::Null => String::new(),
            default => format!("`{default}`"),
        };
        let means = text(&node["description"]);
        let shown = example(node).map(|shown| format!(" For example `{shown}`."));
        let shown = shown.unwrap_or_default();
        let _ = writeln!(
            page,
            "| `{key}` | {} | {default} | {means}{shown} |",
            takes(node)
        );
    }
}

/// An example of what has parts.
fn example(node: &Value) -> Option<toml::Value> {
    let shown = node["examples"].get(0)?;
    let has_parts = shown.is_array() || shown.is_object();
    has_parts.then(|| toml::Value::try_from(shown).expect("TOML has it"))
}

/// What a key takes, in words.
fn takes(node: &Value) -> String {
    let number = |name: &str| node[name].as_i64();
    let words = |words: &Vec<Value>| {
        let words = words.iter().map(|word| format!("`{word}`"));
        words.collect::<Vec<_>>().join(", ")
    };
    if let Some(known) = node["enum"].as_array() {
        return words(known);
    }
    match (node["type"].as_str(), number("minimum"), number("maximum")) {
        (Some("integer"), Some(least), Some(most)) => match (least, most) {
            (least, _) if least == i64::from(i32::MIN) => "a whole number".to_owned(),
            (least, most) if most == i64::from(u32::MAX) => {
                format!("a whole number, at least {least}")
            }
            (least, most) => format!("a whole number from {least} to {most}"),
        },
        (Some("string"), ..) => "a text".to_owned(),
        (Some("boolean"), ..) => "`true` or `false`".to_owned(),
        (Some("array"), ..) if node["items"]["properties"].is_object() => "tables".to_owned(),
        (Some("array"), ..) => "a list of texts".to_owned(),
        (Some("object"), ..) => "a table".to_owned(),
        _ if node["const"] == true => "`true`".to_owned(),
        _ if node["oneOf"].is_array() => "a whole number from 1 to 65535, or a text".to_owned(),
        _ if node["anyOf"].is_array() => "a text, `true`, or `{ contains = TEXT }`".to_owned(),
        _ => "any value".to_owned(),
    }
}

fn shown(example: &Value) -> String {
    toml::to_string(example).expect("TOML has it")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
