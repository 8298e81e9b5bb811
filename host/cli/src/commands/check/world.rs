//! `boll check --world`: compares the world of any component with the contract.

use std::path::Path;

use super::super::named_component;
use crate::args::App;
use crate::failure::{Code, Done, Failure};
use crate::report::sections::Sections;
use crate::world::{self, Comparison, Fit, Item, Line};

/// The maximum width of a column.
const COLUMN: usize = 60;

pub(super) fn run(named: &Path, build: bool, app: &App) -> Done {
    let component = named_component(named, build, &app.reporter)?;
    let about = |error| {
        let path = component.path.display();
        Failure::from(error).hint(format!("the component is {path}"))
    };
    let fit = world::fit(&component.bytes).map_err(about)?;
    app.description(&text(&fit), &fit)?;
    if fit.conforms {
        return Ok(());
    }
    let path = component.path.display();
    let text = format!("{path} does not conform to the contract");
    let failure = Failure::new(Code::Input, text);
    Err(match fit.kind.next_step() {
        Some(step) => failure.hint(step),
        None => failure,
    })
}

fn text(fit: &Fit) -> String {
    let mut text = Sections::default();
    text.line(&match fit.composed {
        0 => fit.kind.name().to_owned(),
        parts => format!("{}, composed of {parts} components", fit.kind.name()),
    });
    let lines = |items: &[Item]| items.iter().map(item).collect::<Vec<_>>();
    text.section("imports", &lines(&fit.imports));
    text.section("exports", &lines(&fit.exports));
    if let Some(problem) = &fit.problem {
        text.section("the whole", &[problem]);
    }
    text.into()
}

fn item(item: &Item) -> String {
    let name = &item.name;
    match &item.comparison {
        Comparison::Conforms => format!("{name}  conforms"),
        Comparison::Own => format!("{name}  its own: hosts do not call it"),
        Comparison::Unknown { reason } => format!("{name}  refused: {reason}"),
        Comparison::Differs { lines } => format!("{name}  differs\n{}", beside(lines)),
    }
}

/// Returns both texts in two columns, with a mark at each difference.
fn beside(lines: &[Line]) -> String {
    let left = |line: &Line| line.contract.clone().unwrap_or_default();
    let width = lines.iter().map(|line| left(line).chars().count()).max();
    let width = width.unwrap_or_default().clamp(12, COLUMN);
    let row = |left: &str, mark: &str, right: &str| {
        let text = format!("    {left:width$} {mark} {right}");
        text.trim_end().to_owned()
    };
    let mut rows = vec![row("the contract", "|", "the component")];
    rows.extend(lines.iter().map(|line| {
        let mark = if line.contract == line.component {
            "|"
        } else {
            "#"
        };
        let right = line.component.as_deref().unwrap_or_default();
        row(&left(line), mark, right)
    }));
    rows.join("\n")
}
