/**
 * What a student is taught by: the file of a teacher's likeliest tokens ({@code TeacherFile}), rows
 * of training data with what it says of them, and what teacher and student have to share. Knows no
 * recipes; {@code experiments.trainer} writes such files and trains on them.
 */
package io.gemlab.experiments.distill;
