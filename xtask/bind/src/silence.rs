//! Panics that say nothing.
//!
//! In the browser nothing listens to what a panic says: there is no hook, and the standard library has nowhere to print it.
//! What would put it into words is downloaded by everybody all the same. Here it is taken out: whatever panics stops the
//! program at once, with the trap that a panic ends in.

use walrus::ir::Value;
use walrus::{ConstExpr, Data, DataId, DataKind, FunctionBuilder, FunctionKind, Module};

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
];
/// What writes values down for programmers, in symbols of both kinds. Only panics ask for it, and tables of functions that nobody
/// asks hold it.
const DEBUG: &[&str] = &["5Debug3fmt", "fmt..Debug$GT$3fmt", "8builders10PadAdapter"];

/// The bytes of a place in the sources as panics have it: where the file's name is, its length, a line, a column.
const PLACE_BYTES: usize = 16;
/// What a file's name is not longer than, in bytes; and no line is further down, nor a column further right.
const PATH_BYTES_MAX: u32 = 500;
const LINE_MAX: u32 = 100_000;
const COLUMN_MAX: u32 = 1_000;

/// Takes out what only panics say, and returns how many functions that were. It knows them by their names: 0 where those are gone.
pub(crate) fn silence(module: &mut Module) -> usize {
    let silent: Vec<_> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| is_for_panics(module.funcs.get(*id).name.as_deref()))
        .map(|(id, function)| (id, function.ty()))
        .collect();
    let count = silent.len();
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
    for segment in segments {
        module.data.get_mut(segment.id).value = segment.bytes;
    }
    count
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
    let is_in = |parts: &[&str]| name.is_some_and(|name| parts.iter().any(|part| name.contains(part)));
    is_in(NEVER_RETURN) || is_in(DEBUG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_call_is_known_by_its_name_in_symbols_of_both_kinds() {
        let panics = [
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt",
            "_ZN4core6option13unwrap_failed17h0123456789abcdefE",
            "_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
        ];
        assert!(panics.iter().all(|name| is_for_panics(Some(name))));
        let others = [
            "_RNvXs1i_NtCsgXGp5Oqx2Ny_4core3fmtReNtB6_7Display3fmtB8_",
            "_RNvNtNtCsebHcaeoSrxy_3std9panicking11panic_count17is_zero_slow_path",
        ];
        assert!(!others.iter().any(|name| is_for_panics(Some(name))));
        assert!(!is_for_panics(None));
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
