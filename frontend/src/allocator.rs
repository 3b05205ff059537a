//! The allocator: the standard library's for this target (dlmalloc) takes half a kilobyte more of the first load. This one
//! takes constant time (two-level segregated fit), and gives what is freed to what comes next.

use rlsf::SmallGlobalTlsf;

#[global_allocator]
static ALLOCATOR: SmallGlobalTlsf = SmallGlobalTlsf::new();
