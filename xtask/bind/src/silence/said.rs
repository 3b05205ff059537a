//! What panics say: texts that nobody reads when panics say nothing.

use std::collections::HashMap;
use std::mem;

use walrus::ir::{Instr, InstrSeq, Value, Visitor, dfs_in_order};
use walrus::{FunctionId, Module, TypeId};

use super::{Segment, is_in};

/// What panics with a text of several parts, or with one whose length is written twice as large, and one more.
const PANIC_FMT: &str = "4core9panicking9panic_fmt";

/// The texts that the program hands to what only panics call, and nothing else.
#[derive(Default)]
pub(super) struct Said {
    /// How many values each of them takes, and whether it is `PANIC_FMT`.
    silent: HashMap<FunctionId, (usize, bool)>,
    /// What is being looked at is one of them.
    is_silent: bool,
    /// Where they begin, and their lengths.
    texts: Vec<(usize, usize)>,
    /// Where texts of several parts begin.
    templates: Vec<usize>,
    /// All other numbers of the program: some are places in the memory.
    others: Vec<usize>,
    /// Those of them that stand side by side: some are where a text begins, and its length.
    pairs: Vec<(usize, usize)>,
}

impl Said {
    pub(super) fn of(module: &Module, silent: &[(FunctionId, TypeId)]) -> Self {
        let mut said = Self::default();
        for (id, ty) in silent {
            let name = module.funcs.get(*id).name.as_deref();
            let takes = module.types.get(*ty).params().len();
            said.silent.insert(*id, (takes, is_in(&[PANIC_FMT], name)));
        }
        for (id, function) in module.funcs.iter_local() {
            said.is_silent = said.silent.contains_key(&id);
            dfs_in_order(&mut said, function, function.entry_block());
        }
        said
    }

    /// Takes values that go elsewhere. Those of what only panics call can be no other texts than what it says.
    fn put(&mut self, values: &[Option<usize>]) {
        if self.is_silent {
            for pair in values.windows(2) {
                self.texts.extend(pair[0].zip(pair[1]));
            }
            self.templates.extend(values.iter().flatten());
        } else {
            self.others.extend(values.iter().flatten());
            self.pairs
                .extend(values.windows(2).filter_map(|pair| pair[0].zip(pair[1])));
        }
    }

    /// Takes what a function is called with that only panics call.
    fn put_said(&mut self, values: &[Option<usize>], formats: bool) {
        match *values {
            [Some(begin), Some(len), ..] if formats => self.texts.push((begin, len / 2)),
            [Some(begin), Some(len), ..] => self.texts.push((begin, len)),
            [Some(begin), None, ..] if formats => self.templates.push(begin),
            _ => self.put(values),
        }
    }

    /// Makes zeros of them, which weigh nothing.
    pub(super) fn forget(mut self, segments: &mut [Segment]) {
        for segment in &*segments {
            let words = segment.bytes[segment.begin.next_multiple_of(4) - segment.begin..].chunks_exact(4);
            let words = words.map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
            let words: Vec<_> = words.filter_map(|word| usize::try_from(word).ok()).collect();
            self.pairs.extend(words.windows(2).map(|pair| (pair[0], pair[1])));
            self.others.extend(words);
            let templates = self.templates.iter();
            self.texts.extend(templates.filter_map(|begin| {
                let place = begin.checked_sub(segment.begin)?;
                Some((*begin, template_len(segment.bytes.get(place..)?)?))
            }));
        }
        self.others.sort_unstable();
        self.texts.sort_unstable();
        self.texts.dedup();
        self.pairs
            .retain(|(begin, len)| segments.iter().any(|segment| segment.at(*begin, *len).is_some()));
        for segment in segments {
            let are_said = self.texts.iter().filter(|(begin, len)| {
                let next = self.others.partition_point(|other| other < begin);
                let is_used = self.others.get(next).is_some_and(|other| *other < begin + len);
                // What begins before it may reach into it.
                let reaches_in =
                    |(other, other_len): &(usize, usize)| other < begin && other + other_len > *begin;
                let is_used = is_used || self.pairs.iter().any(reaches_in);
                let is_said = |bytes| is_text(bytes) || template_len(bytes) == Some(*len);
                !is_used && segment.at(*begin, *len).is_some_and(is_said)
            });
            let forgotten: Vec<_> = are_said.copied().collect();
            for (begin, len) in forgotten {
                segment.bytes[begin - segment.begin..][..len].fill(0);
            }
        }
    }
}

impl<'a> Visitor<'a> for Said {
    fn start_instr_seq(&mut self, seq: &'a InstrSeq) {
        // What lies on the stack, as far as it is known.
        let mut values: Vec<Option<usize>> = Vec::new();
        for (instr, _) in &seq.instrs {
            match instr {
                Instr::Const(constant) => {
                    if let Value::I64(number) = constant.value {
                        // A place and a length may be written as one.
                        let halves = [number & 0xffff_ffff, number >> 32 & 0xffff_ffff];
                        self.put(&halves.map(|half| usize::try_from(half).ok()));
                    }
                    values.push(match constant.value {
                        Value::I32(number) => usize::try_from(number).ok(),
                        _ => None,
                    });
                }
                Instr::LocalGet(_) => values.push(None),
                Instr::Binop(_) if values.len() >= 2 => {
                    let operands = values.split_off(values.len() - 2);
                    self.put(&operands);
                    values.push(None);
                }
                Instr::Call(call) => {
                    let silent = self.silent.get(&call.func).copied();
                    if let Some((takes, formats)) = silent
                        && let Some(first) = values.len().checked_sub(takes)
                    {
                        self.put_said(&values.split_off(first), formats);
                    }
                    self.put(&mem::take(&mut values));
                }
                other => {
                    self.put(&mem::take(&mut values));
                    match other {
                        Instr::Load(load) => self.put(&[usize::try_from(load.arg.offset).ok()]),
                        Instr::Store(store) => self.put(&[usize::try_from(store.arg.offset).ok()]),
                        _ => {}
                    }
                }
            }
        }
        self.put(&values);
    }
}

/// Whether this is a text, and no number.
fn is_text(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|sign| sign == '\n' || !sign.is_control()))
}

/// How many bytes the parts of a text have that `core::fmt::Arguments` puts together, if these are such: each a length and a
/// text, or the sign of a value and what is said of how it is written; and a zero behind them.
fn template_len(bytes: &[u8]) -> Option<usize> {
    let mut len = 0;
    loop {
        let sign = *bytes.get(len)?;
        len += 1;
        match sign {
            0 => return (len > 1).then_some(len),
            1..=0x7f => {
                let text = bytes.get(len..len + usize::from(sign))?;
                len += is_text(text).then_some(text.len())?;
            }
            0xc0..=0xcf => {
                let extras = [(1, 4), (2, 2), (4, 2), (8, 2)];
                let extras = extras.into_iter().filter(|(bit, _)| sign & bit != 0);
                len += extras.map(|(_, bytes)| bytes).sum::<usize>();
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_several_parts_end_where_their_zero_stands() {
        let len = template_len;
        assert_eq!(len(b"\x04is: \xc0\x02, \xc0\0more"), Some(11));
        assert_eq!(len(b"\x02U+\xc3\x20\0i\x04\x01\0\x01!\0"), Some(13));
        for other in [&b"\0"[..], b"\x01\0\0\0", b"\x05text", b"text\0", b"\xff\0"] {
            assert_eq!(len(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_number_is_no_text() {
        assert!(is_text(b"left:\n") && is_text("…".as_bytes()));
        assert!(!is_text(b"\x01") && !is_text(b"\xff\xff"));
    }
}
