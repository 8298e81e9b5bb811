//! `log.emit`: levels, values, and what is refused.

use boll_conformance::log::{Error, Field, Level, Value, emit};
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "levels" => levels(),
            "values" => values(),
            "control" => {
                let text = "two\nlines\u{1b}[31m";
                equal("control characters", emit(Level::Info, text, &[]), Ok(()))
            }
            "too-large" => too_large(),
            "invalid-key" => invalid_key(),
            "too-many-fields" => too_many_fields(),
            other => unknown(other),
        }
    }
}

fn field(key: impl Into<String>, value: Value) -> Field {
    Field {
        key: key.into(),
        value,
    }
}

fn text(key: impl Into<String>, value: &str) -> Field {
    field(key, Value::Text(value.to_owned()))
}

fn levels() -> Checked {
    for (level, name) in [
        (Level::Trace, "trace"),
        (Level::Debug, "debug"),
        (Level::Info, "info"),
        (Level::Warn, "warn"),
        (Level::Error, "error"),
    ] {
        let forged = [text("capsule", "forged")];
        let emitted = emit(level, &format!("a line of {name}"), &forged);
        equal(name, emitted, Ok(()))?;
    }
    Ok(())
}

fn values() -> Checked {
    let fields = [
        text("text", "ünï"),
        field("least", Value::Integer(i64::MIN)),
        field("half", Value::Number(0.5)),
        field("yes", Value::Boolean(true)),
        text("a.b-c_1", "x"),
    ];
    equal("values", emit(Level::Info, "values", &fields), Ok(()))
}

fn too_large() -> Checked {
    let longest = "x".repeat(65_536);
    let emitted = emit(Level::Info, &longest, &[]);
    equal("the longest message", emitted, Ok(()))?;
    let longer = format!("{longest}x");
    let emitted = emit(Level::Info, &longer, &[]);
    equal("a longer one", emitted, Err(Error::TooLarge(65_536)))?;
    let fields = [text("k", &longest[1..])];
    let emitted = emit(Level::Info, "refused", &fields);
    equal("all together", emitted, Err(Error::TooLarge(65_536)))
}

fn invalid_key() -> Checked {
    for key in ["", "1a", "a b", "a\n", "ä", &"x".repeat(65)] {
        let emitted = emit(Level::Info, "refused", &[text("good", ""), text(key, "")]);
        equal("a key", emitted, Err(Error::InvalidKey(key.to_owned())))?;
    }
    Ok(())
}

fn too_many_fields() -> Checked {
    let fields = |count: usize| -> Vec<Field> {
        (0..count).map(|one| text(format!("k{one}"), "")).collect()
    };
    let emitted = emit(Level::Info, "most", &fields(64));
    equal("the most fields", emitted, Ok(()))?;
    let emitted = emit(Level::Info, "refused", &fields(65));
    equal("one more", emitted, Err(Error::TooManyFields(64)))
}
