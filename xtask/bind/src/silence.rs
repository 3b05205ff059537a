//! Panics that say nothing.
//!
//! In the browser nothing listens to what a panic says: there is no hook, and the standard library has nowhere to print it.
//! What would put it into words is downloaded by everybody all the same. Here it is taken out: whatever panics stops the
//! program at once, with the trap that a panic ends in.

mod said;

use std::collections::HashSet;

use walrus::ir::{Value, Visitor, dfs_in_order};
use walrus::{ConstExpr, Data, DataId, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

use said::Said;

/// Functions that never return, as parts of their symbols: they only say why, and stop.
const NEVER_RETURN: &[&str] = &[
    "4core9panicking",
    "3std9panicking11begin_panic",
    "4core6option13unwrap_failed",
    "4core6option13expect_failed",
    "4core6result13unwrap_failed",
    "4core3str16slice_error_fail",
    "4core3str19slice_error_fail_rt",
    "5slice5index16slice_index_fail",
    "4core4cell22panic_already_borrowed",
    "4core4cell30panic_already_mutably_borrowed",
    "20copy_from_slice_impl17len_mismatch_fail",
    "15encode_utf8_raw8do_panic7runtime",
    "10insert_mut13assert_failed",
    "6remove13assert_failed",
    "7raw_vec12handle_error",
    "7raw_vec17capacity_overflow",
    "3std6thread5local18panic_access_error",
    "3std4sync9lazy_lock14panic_poisoned",
    "12wasm_bindgen9throw_str",
    "12wasm_bindgen4__rt11borrow_fail",
    "9hashbrown3raw11Fallibility17capacity_overflow",
];
/// What writes values down for programmers, in symbols of both kinds. Only panics ask for it, and tables of functions that nobody
/// asks hold it.
const DEBUG: &[&str] = &["5Debug3fmt", "fmt..Debug$GT$3fmt", "10PadAdapter"];
/// What puts texts together of several parts, as `format!` and `write!` do, and what the standard library displays, in its own
/// symbols. It is taken out of a program in which only panics call it: the page's, which joins its texts by hand.
const FORMAT: &[&str] = &[
    "4core3fmt5write",
    "5Write9write_fmt",
    "9Formatter9write_fmt",
    "9Formatter3pad",
    "9Formatter12pad_integral",
    "7Display3fmt",
    "8UpperHex3fmt",
    // Nobody is told the errors that a server hands over with the page: Madang's has none.
    "SerializedError$u20$as$u20$core..fmt..Display",
];

/// What Leptos leaves for a tool that would load the page in parts: no browser reads it.
const SPLIT: &str = "__wasm_split_unstable";

/// The bytes of a place in the sources as panics have it: where the file's name is, its length, a line, a column.
const PLACE_BYTES: usize = 16;
/// What a file's name is not longer than, in bytes; and no line is further down, nor a column further right.
const PATH_BYTES_MAX: u32 = 500;
const LINE_MAX: u32 = 100_000;
const COLUMN_MAX: u32 = 1_000;

/// Takes out what only panics say, and returns how many functions that were. It knows them by their names: 0 where those are gone.
pub(crate) fn silence(module: &mut Module) -> usize {
    module.customs.remove_raw(SPLIT);
    let formats = formats(module);
    let silent: Vec<_> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| {
            let name = module.funcs.get(*id).name.as_deref();
            is_for_panics(name) || !formats && is_in(FORMAT, name)
        })
        .map(|(id, function)| (id, function.ty()))
        .collect();
    let count = silent.len();
    let said = Said::of(module, &silent);
    for (id, ty) in silent {
        let (params, results) = module.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        let args = params.iter().map(|param| module.locals.add(*param)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(args));
    }
    let mut segments: Vec<_> = module.data.iter().filter_map(Segment::of).collect();
    forget_places(&mut segments);
    said.forget(&mut segments);
    for segment in segments {
        module.data.get_mut(segment.id).value = segment.bytes;
    }
    count
}

/// Whether anything but panics puts texts together.
fn formats(module: &Module) -> bool {
    let mut calls = Calls::default();
    for function in module.funcs.iter() {
        if is_in(FORMAT, function.name.as_deref()) {
            calls.of.insert(function.id());
        }
    }
    for (id, function) in module.funcs.iter_local() {
        let name = module.funcs.get(id).name.as_deref();
        if !is_for_panics(name) && !is_in(FORMAT, name) {
            dfs_in_order(&mut calls, function, function.entry_block());
        }
    }
    calls.is_found
}

/// Looks for calls of these functions.
#[derive(Default)]
struct Calls {
    of: HashSet<FunctionId>,
    is_found: bool,
}

impl<'a> Visitor<'a> for Calls {
    fn visit_function_id(&mut self, id: &FunctionId) {
        self.is_found |= self.of.contains(id);
    }
}

/// Bytes that stand in the memory when the program begins.
struct Segment {
    id: DataId,
    begin: usize,
    bytes: Vec<u8>,
}

impl Segment {
    fn of(data: &Data) -> Option<Self> {
        let DataKind::Active {
            offset: ConstExpr::Value(Value::I32(begin)),
            ..
        } = data.kind
        else {
            return None;
        };
        Some(Self {
            id: data.id(),
            begin: usize::try_from(begin).ok()?,
            bytes: data.value.clone(),
        })
    }

    fn at(&self, begin: usize, len: usize) -> Option<&[u8]> {
        let begin = begin.checked_sub(self.begin)?;
        self.bytes.get(begin..begin.checked_add(len)?)
    }
}

/// Makes zeros, which weigh nothing, of the places in the sources, and of the names of their files: nobody is told them any
/// more, and they differ from machine to machine.
fn forget_places(segments: &mut [Segment]) {
    let mut forgotten = Vec::new();
    for segment in &*segments {
        let first = segment.begin.next_multiple_of(4);
        for place in (first..segment.begin + segment.bytes.len()).step_by(4) {
            if let Some(path) = segment
                .at(place, PLACE_BYTES)
                .and_then(|place| path(segments, place))
            {
                forgotten.extend([(place, PLACE_BYTES), path]);
            }
        }
    }
    for (begin, len) in forgotten {
        for segment in &mut *segments {
            if segment.at(begin, len).is_some() {
                segment.bytes[begin - segment.begin..][..len].fill(0);
            }
        }
    }
}

/// Where the name of the file stands, and its length, if this is a place in the sources.
fn path(segments: &[Segment], place: &[u8]) -> Option<(usize, usize)> {
    let mut words = place
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    let (begin, len, line, column) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_place =
        len <= PATH_BYTES_MAX && (1..=LINE_MAX).contains(&line) && (1..=COLUMN_MAX).contains(&column);
    let (begin, len) = (usize::try_from(begin).ok()?, usize::try_from(len).ok()?);
    let name = segments.iter().find_map(|segment| segment.at(begin, len))?;
    let is_path = name.ends_with(b".rs") && name.iter().all(u8::is_ascii_graphic);
    (is_place && is_path).then_some((begin, len))
}

fn is_for_panics(name: Option<&str>) -> bool {
    is_in(NEVER_RETURN, name) || is_in(DEBUG, name)
}

fn is_in(parts: &[&str], name: Option<&str>) -> bool {
    name.is_some_and(|name| parts.iter().any(|part| name.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds a function of this name that calls another.
    fn function(module: &mut Module, name: &str, called: Option<FunctionId>) -> FunctionId {
        let mut function = FunctionBuilder::new(&mut module.types, &[], &[]);
        if let Some(called) = called {
            function.func_body().call(called);
        }
        let id = function.finish(Vec::new(), &mut module.funcs);
        module.funcs.get_mut(id).name = Some(name.to_owned());
        id
    }

    #[test]
    fn what_panics_call_is_known_by_its_name_in_symbols_of_both_kinds() {
        let panics = [
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt",
            "_ZN4core6option13unwrap_failed17h0123456789abcdefE",
            "_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
            "_RNvXs0_NtNtCsgXGp5Oqx2Ny_4core3fmt8buildersNtB5_10PadAdapterNtB7_5Write9write_str",
        ];
        assert!(panics.iter().all(|name| is_for_panics(Some(name))));
        let others = [
            "_ZN56_$LT$protocol..id..UserId$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
            "_RNvNtNtCsebHcaeoSrxy_3std9panicking11panic_count17is_zero_slow_path",
        ];
        assert!(!others.iter().any(|name| is_for_panics(Some(name))));
        assert!(!is_for_panics(None));
    }

    #[test]
    fn what_puts_texts_together_goes_where_only_panics_call_it() {
        for (caller, count) in [
            ("_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt", 2),
            ("_ZN6markup6render17h0123456789abcdefE", 0),
        ] {
            let mut module = Module::default();
            let write = function(&mut module, "_RNvNtCsgXGp5Oqx2Ny_4core3fmt5write", None);
            function(&mut module, caller, Some(write));
            assert_eq!(silence(&mut module), count, "{caller}");
        }
    }

    #[test]
    fn what_only_panics_say_is_forgotten_and_what_is_used_besides_stays() {
        for (other, other_len, is_forgotten) in [
            (1_040, 11, true),
            (1_030, 3, false),
            (1_024, 3, true),
            (1_024, 4, false),
        ] {
            let mut module = Module::default();
            let memory = module.memories.add_local(false, false, 1, None, None);
            let offset = ConstExpr::Value(Value::I32(1_024));
            let data = module.data.add(
                DataKind::Active { memory, offset },
                b"so this is a bugthis is not".to_vec(),
            );
            let i32 = walrus::ValType::I32;
            let mut panic = FunctionBuilder::new(&mut module.types, &[i32, i32, i32], &[]);
            panic.func_body().unreachable();
            let args = (0..3).map(|_| module.locals.add(i32)).collect();
            let panic = panic.finish(args, &mut module.funcs);
            module.funcs.get_mut(panic).name = Some("_RNvNtCsgXGp5Oqx2Ny_4core9panicking5panic".to_owned());
            let mut caller = FunctionBuilder::new(&mut module.types, &[], &[]);
            let mut body = caller.func_body();
            body.i32_const(other).i32_const(other_len).drop().drop();
            body.i32_const(1_027).i32_const(13).i32_const(0).call(panic);
            caller.finish(Vec::new(), &mut module.funcs);
            assert_eq!(silence(&mut module), 1);
            let left = &module.data.get(data).value;
            assert_eq!(&left[..3], b"so ");
            assert_eq!(left[3..16] == [0; 13], is_forgotten, "{other}, {other_len}");
            assert_eq!(&left[16..], b"this is not");
        }
    }

    #[test]
    fn what_is_thrown_and_what_is_put_together_is_forgotten() {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let offset = ConstExpr::Value(Value::I32(1_024));
        let bytes = b"thrown\x04is: \xc0\0used".to_vec();
        let data = module.data.add(DataKind::Active { memory, offset }, bytes);
        let i32 = walrus::ValType::I32;
        let mut silent = |name: &str, takes: usize| {
            let mut function = FunctionBuilder::new(&mut module.types, &vec![i32; takes], &[]);
            function.func_body().unreachable();
            let args = (0..takes).map(|_| module.locals.add(i32)).collect();
            let id = function.finish(args, &mut module.funcs);
            module.funcs.get_mut(id).name = Some(name.to_owned());
            id
        };
        let throw = silent("_ZN12wasm_bindgen9throw_str17h0123456789abcdefE", 2);
        let panic = silent("_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt", 3);
        let frame = module.locals.add(i32);
        let mut caller = FunctionBuilder::new(&mut module.types, &[], &[]);
        let mut body = caller.func_body();
        body.i32_const(1_037).drop();
        body.i32_const(1_024).i32_const(6).call(throw);
        body.i32_const(1_030).local_get(frame).i32_const(8);
        body.binop(walrus::ir::BinaryOp::I32Add).i32_const(0).call(panic);
        caller.finish(Vec::new(), &mut module.funcs);
        assert_eq!(silence(&mut module), 2);
        let left = &module.data.get(data).value;
        assert_eq!(
            (&left[..13], &left[13..]),
            ([0; 13].as_slice(), b"used".as_slice())
        );
    }

    #[test]
    fn places_in_the_sources_are_forgotten_and_nothing_else() {
        let path = b"a/src/b.rs";
        let mut bytes = [path.as_slice(), b"text.."].concat();
        for word in [1_024_u32, 10, 7, 5] {
            bytes.extend(word.to_le_bytes());
        }
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let offset = ConstExpr::Value(Value::I32(1_024));
        let data = module.data.add(DataKind::Active { memory, offset }, bytes);
        assert_eq!(silence(&mut module), 0);
        let left = &module.data.get(data).value;
        assert_eq!(left[..path.len()], [0; 10]);
        assert_eq!(&left[10..16], b"text..");
        assert_eq!(left[16..], [0; PLACE_BYTES]);
    }
}
