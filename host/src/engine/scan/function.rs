//! Scans the body of one function for what makes a compiler slow.

use wasmparser::{BlockType, FunctionBody, Operator};

use super::counts::{Scan, ScanError, at_most};

impl Scan<'_> {
    pub(super) fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), ScanError> {
        let limits = self.limits;
        let range = body.range();
        let at = range.start;
        let bytes = range.len() as u64;
        let mut locals = self.arity;
        for declared in body.get_locals_reader()? {
            let (count, _) = declared?;
            locals += u64::from(count);
            at_most("local variables in a function", locals, limits.locals, at)?;
        }
        let counts = &mut self.counts;
        counts.function_bytes = counts.function_bytes.max(bytes);
        counts.locals = counts.locals.max(locals);
        counts.all_locals += locals;
        let all = counts.all_locals;
        at_most(
            "local variables in all functions",
            all,
            limits.all_locals,
            at,
        )?;
        at_most("bytes in a function", bytes, limits.function_bytes, at)?;

        // Whether each open block is a loop.
        let mut open: Vec<bool> = Vec::new();
        let mut loops = 0;
        let mut joins = 0;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let at = operators.original_position();
            let (block, is_loop) = match operators.read()? {
                Operator::Loop { blockty } => (blockty, true),
                Operator::Block { blockty } | Operator::If { blockty } => (blockty, false),
                Operator::TryTable { try_table } => (try_table.ty, false),
                Operator::End => {
                    if open.pop() == Some(true) {
                        loops -= 1;
                    }
                    continue;
                }
                _ => continue,
            };
            open.push(is_loop);
            if is_loop {
                loops += 1;
            }
            joins += locals;
            joins += match block {
                BlockType::FuncType(_) => self.arity,
                BlockType::Empty | BlockType::Type(_) => 0,
            };
            let counts = &mut self.counts;
            counts.block_nesting = counts.block_nesting.max(open.len() as u64);
            counts.loop_nesting = counts.loop_nesting.max(loops);
            counts.joins = counts.joins.max(joins);
            let nesting = open.len() as u64;
            let what = "blocks inside one another in a function";
            at_most(what, nesting, limits.block_nesting, at)?;
            let what = "loops inside one another in a function";
            at_most(what, loops, limits.loop_nesting, at)?;
            let what = "values that its loops and blocks pass on in a function";
            at_most(what, joins, limits.joins, at)?;
        }
        Ok(())
    }
}
