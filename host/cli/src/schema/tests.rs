//! The schemas held against the parsers, and the reference pages against the schemas.

mod defaults;
mod page;
mod parser;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::ValueEnum as _;
use serde_json::Value;

use self::parser::{Answer, Parser};
use self::table::{Table, tables};
use super::Schema;

/// A key and a word that nothing has, and that resembles none.
const STRANGE: &str = "zzzzzzzzzzzzzzzzzzzzzzzz";

impl Schema {
    fn json(self) -> Value {
        serde_json::from_str(self.text()).expect("JSON")
    }
}

/// Every table of every schema, with what parses the file.
fn all() -> impl Iterator<Item = (Parser, Table)> {
    let schemas = Schema::value_variants().iter();
    schemas.flat_map(|schema| {
        let tables = tables(&schema.json());
        tables.into_iter().map(|table| (Parser::of(*schema), table))
    })
}

/// The keys that the parser takes in a table, in its own order.
fn keys(parser: &Parser, table: &Table) -> Vec<String> {
    let document = table.with(STRANGE, toml::Value::Integer(1));
    let answer = parser.ask(&document).expect_err("a key that nothing has");
    let place = format!("{parser} {table}: {answer:?}");
    assert!(answer.message.contains("unknown key"), "{place}");
    answer.known().expect(&place)
}

#[test]
fn the_schemas_have_the_keys_that_the_parsers_take_and_no_others() {
    for (parser, table) in all() {
        let taken: BTreeSet<String> = keys(&parser, &table).into_iter().collect();
        let described: BTreeSet<String> = table.keys().map(str::to_owned).collect();
        assert_eq!(taken, described, "{parser} {table}: parser, and schema");
    }
}

#[test]
fn each_key_is_taken_as_its_example_shows_it_and_not_as_another_type() {
    for (parser, table) in all() {
        parser.takes(&table.document());
        for key in table.keys() {
            parser.takes(&table.with_example(key));
            if let Some(wrong) = table.wrong(key) {
                parser.refuses(&table.with(key, wrong));
            }
        }
    }
}

#[test]
fn what_the_schemas_require_the_parsers_require() {
    for (parser, table) in all() {
        for key in table.required() {
            parser.refuses(&table.without(key));
        }
    }
}

#[test]
fn words_are_those_that_the_parsers_know() {
    for (parser, table) in all() {
        for (key, words) in table.words() {
            let document = table.with(key, STRANGE.into());
            let answer = parser.ask(&document).expect_err("a word that nobody knows");
            let known: Option<BTreeSet<String>> =
                answer.known().map(|known| known.into_iter().collect());
            assert_eq!(known, Some(words), "{parser} {table} {key}: {answer:?}");
        }
    }
}

#[test]
fn numbers_have_the_ranges_that_the_parsers_have() {
    for (parser, table) in all() {
        for (key, least, most) in table.ranges() {
            for number in [least, most] {
                parser.takes(&table.with(key, number.into()));
            }
            for number in [least - 1, most + 1] {
                parser.refuses(&table.with(key, number.into()));
            }
        }
    }
}

/// With `INSTA_UPDATE=always` the pages are written.
#[test]
fn the_reference_has_what_the_schemas_say() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    for schema in Schema::value_variants() {
        let page = page::of(*schema);
        let file = folder.join(page::file(*schema));
        if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
            fs::write(&file, &page).expect("written");
        }
        let found = fs::read_to_string(&file).unwrap_or_default();
        let shown = file.display();
        assert!(
            found == page,
            "{shown} is not what the schema says. To write it:\n    \
             INSTA_UPDATE=always cargo test --release --workspace --bin boll -- schema"
        );
    }
}

impl Parser {
    fn takes(&self, document: &toml::Table) {
        if let Err(Answer { message, .. }) = self.ask(document) {
            panic!("{self} refuses: {message}\n{document}");
        }
    }

    fn refuses(&self, document: &toml::Table) {
        assert!(self.ask(document).is_err(), "{self} takes:\n{document}");
    }
}
