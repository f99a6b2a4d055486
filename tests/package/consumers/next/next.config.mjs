/** One folder for each bundler, so that neither finds what the other left. */
export default { distDir: process.env.NEXT_DIST_DIR ?? '.next' }
