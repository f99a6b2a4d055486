/** One folder for each bundler, so that neither finds what the other left. With `NEXT_OUTPUT=export` it becomes files for any host, in `out/`. */
export default { distDir: process.env.NEXT_DIST_DIR ?? '.next', output: process.env.NEXT_OUTPUT }
