// Tests run from what the build made: `tsc -b` compiles them beside the code, jest loads them as native ES modules.
export default {
  testEnvironment: "node",
  transform: {},
  testMatch: ["**/dist/**/*.test.js"],
  testPathIgnorePatterns: ["/node_modules/"],
  testTimeout: 30_000,
  cacheDirectory: "node_modules/.cache/jest",
};
