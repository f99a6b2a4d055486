//! The order of a wasm's functions: like follows like, because what a packer copies costs less the nearer it stands.
//!
//! In: a wasm as published. Out: the same functions under other numbers. Not here: what is done to the functions themselves
//! (shrink.rs, wasm-opt).

use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::Range;

use anyhow::{Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// How many bytes at a time are compared: about an instruction and the opcode after it.
const WINDOW: usize = 4;

/// The wasm with its functions in that order.
pub(crate) fn order(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut imports = 0;
    let mut bodies: Vec<Range<usize>> = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            _ => {}
        }
    }
    let bodies: Vec<&[u8]> = bodies.into_iter().map(|range| &wasm[range]).collect();
    let order = chain(&bodies);
    let mut places = vec![0; order.len()];
    for (place, &function) in order.iter().enumerate() {
        places[function] = place;
    }
    let mut module = Module::new();
    Renumber { imports, order, places }
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow!("the functions could not be put in order: {error}"))?;
    Ok(module.finish())
}

/// The longest first, and after each the one of which it has the largest share.
fn chain(bodies: &[&[u8]]) -> Vec<usize> {
    let windows: Vec<HashSet<&[u8]>> = bodies.iter().map(|body| body.windows(WINDOW).collect()).collect();
    let share = |of: usize, has: usize| {
        let shared = windows[of].iter().filter(|window| windows[has].contains(*window)).count();
        shared * 1_000_000 / windows[of].len().max(1)
    };
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order: Vec<usize> = Vec::new();
    // Of equals the earliest.
    while let Some(next) = (0..left.len()).rev().max_by_key(|&index| match order.last() {
        Some(&last) => share(left[index], last),
        None => bodies[left[index]].len(),
    }) {
        order.push(left.remove(next));
    }
    order
}

/// Writes functions in another order, and every mention of one by its new number.
struct Renumber {
    /// How many functions come first because they are imported: those keep their numbers.
    imports: usize,
    order: Vec<usize>,
    /// Where in the order each function stands.
    places: Vec<usize>,
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(match (function as usize).checked_sub(self.imports) {
            Some(local) => (self.imports + self.places[local]) as u32,
            None => function,
        })
    }

    fn parse_function_section(
        &mut self,
        into: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.order.iter().for_each(|&function| {
            into.function(types[function]);
        });
        Ok(())
    }

    fn parse_code_section(&mut self, into: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.order
            .clone()
            .into_iter()
            .try_for_each(|function| utils::parse_function_body(self, into, bodies[function].clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::{chain, order};
    use walrus::ir::{Call, Value, Visitor, dfs_in_order};
    use walrus::{ExportItem, FunctionBuilder, FunctionId, FunctionKind, Module, ValType};

    #[test]
    fn the_longest_comes_first_and_like_follows_like() {
        let bodies: [&[u8]; 4] = [b"hello tree", b"number thirteen", b"hello, trees and all", b"the number thirteen"];
        assert_eq!(chain(&bodies), [2, 0, 1, 3]);
    }

    /// One calls each of the others once, from the last to the first. Those give as many zeros as their numbers say, each like the one
    /// after the next: walrus writes the longest first.
    fn calling_others() -> Vec<u8> {
        let mut module = Module::default();
        let mut calls = Vec::new();
        for number in 1..=6 {
            let (kind, zero) =
                if number % 2 == 0 { (ValType::I32, Value::I32(0)) } else { (ValType::I64, Value::I64(0)) };
            let mut function = FunctionBuilder::new(&mut module.types, &[], &vec![kind; number]);
            (0..number).for_each(|_| {
                function.func_body().const_(zero);
            });
            calls.push((function.finish(vec![], &mut module.funcs), number));
        }
        let mut caller = FunctionBuilder::new(&mut module.types, &[], &[]);
        for (other, results) in calls.into_iter().rev() {
            caller.func_body().call(other);
            (0..results).for_each(|_| {
                caller.func_body().drop();
            });
        }
        let caller = caller.finish(vec![], &mut module.funcs);
        module.exports.add("run", caller);
        module.emit_wasm()
    }

    #[derive(Default)]
    struct Calls(Vec<FunctionId>);

    impl Visitor<'_> for Calls {
        fn visit_call(&mut self, call: &Call) {
            self.0.push(call.func);
        }
    }

    #[test]
    fn every_call_and_export_names_the_same_function_under_its_new_number() {
        let module = Module::from_buffer(&order(&calling_others()).unwrap()).unwrap();
        let export = module.exports.iter().find(|export| export.name == "run").unwrap();
        let ExportItem::Function(caller) = export.item else { panic!("expected a function") };
        let FunctionKind::Local(body) = &module.funcs.get(caller).kind else { panic!("expected a body") };
        let mut calls = Calls::default();
        dfs_in_order(&mut calls, body, body.entry_block());
        let results = calls.0.iter().map(|called| module.types.results(module.funcs.get(*called).ty()).len());
        assert_eq!(results.collect::<Vec<_>>(), [6, 5, 4, 3, 2, 1]);
    }
}
