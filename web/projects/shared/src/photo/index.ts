export * from './shrink';
